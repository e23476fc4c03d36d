"""Options that every command has, said once."""

from __future__ import annotations

from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="In đúng một đối tượng JSON ra stdout.")]
Debug = Annotated[bool, typer.Option("--debug", help="Khi lỗi, in cả dấu vết kỹ thuật ra stderr.")]
