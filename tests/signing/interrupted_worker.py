"""One half of an interrupted signature, for a process of its own: `prepare` waits to be killed, `finish` finishes.

Arguments: the half, the working folder with `in.pdf`, the development PKI's folder, the signer's certificate.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from signing_samples import make_request

from signing.factory import SigningOptions, build_signer
from signing.interrupted import PreparedSignature, finish, prepare
from signing.keys import AwaitedKey


def main(half: str, folder: Path, pki: Path, certificate: Path) -> None:
    """Do one half."""
    signer = build_signer(SigningOptions(pki=pki, key=AwaitedKey(certificate, pki / "issuing.crt")))
    if half == "prepare":
        prepared = prepare(signer, (folder / "in.pdf").read_bytes(), make_request(appearance="digitised_paper"))
        (folder / "prepared.pdf").write_bytes(prepared.pdf)
        (folder / "session.json").write_text(prepared.session)
        sys.stdout.write(f"{prepared.digest.hex()}\n")
        sys.stdout.flush()
        time.sleep(600)
    else:
        prepared = PreparedSignature((folder / "prepared.pdf").read_bytes(), (folder / "session.json").read_text())
        (folder / "signed.pdf").write_bytes(finish(signer, prepared, (folder / "signature").read_bytes()).data)


if __name__ == "__main__":
    main(sys.argv[1], *map(Path, sys.argv[2:]))
