"""Options that every command has, said once: machines ask for JSON, engineers for the traceback.

They are types of arguments, as typer wants them; modules that declare commands import them by name.
"""

from __future__ import annotations

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="In đúng một đối tượng JSON ra stdout.")]
Debug = Annotated[bool, typer.Option("--debug", help="Khi lỗi, in cả dấu vết kỹ thuật ra stderr.")]
