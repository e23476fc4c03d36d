"""The vault's door: seal and open, a keyed index, who holds what, and the end of a key.

Everything is sealed under a name. A dossier's id and an owner's id are names; `content/SHA-256` is that of a file or
page that several dossiers may share; `house` is for what belongs to nobody. Names form levels: content is held by the
dossiers that have it, a dossier by the master until it belongs to owners, an owner by the master. Destroying a name
takes all that nothing else holds: a scan that two citizens share stays readable for the other one.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from typing import TYPE_CHECKING

from pipeline.vault import ring as r
from pipeline.vault.errors import ContentEndedError, HeldByLawError, NameUnknownError, SealBrokenError, VaultError
from pipeline.vault.keeper import wrap_under
from pipeline.vault.primitives import NONCE, TAG, decrypt, encrypt, keyed_hash, subkey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from pipeline.vault.keeper import Keeper, OpenKey

    Forgetter = Callable[[list[str], str, str], None]
    """Names, the destroyed one first; reason; who."""

HOUSE = "house"
"""What belongs to no person: the ledger's segments, public keys, acts whose values are sealed by themselves."""
UNCLAIMED = "house/unclaimed"
"""Holds content between its arrival and the dossier that has it."""
INDEX = "house/index"
CONTENT = "content/"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,199}", re.ASCII)
_RANDOM = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32,64}", re.ASCII)
_PERSONAL = re.compile(r"[0-9]{9}", re.ASCII)
_MAGIC = b"hv1"
TEXT = "hv1:"
"""What sealed text starts with."""


class Vault:
    """Safe for threads; one for a process. Raises `VaultError` subclasses and nothing else."""

    def __init__(self, keeper: Keeper) -> None:
        self.keeper = keeper
        self._index: dict[str, bytes] = {}
        self._holds: list[Callable[[str], str | None]] = []
        self._forgetters: list[Forgetter] = []

    # The keyed index

    def blind(self, kind: str, text: str) -> str:
        """A keyed hash for exact look-up of a sealed value: 64 hexadecimal letters, the same in every process.

        HMAC-SHA-256 under a key of its own for each kind (HKDF from the index key in the ring), over the text in NFKC
        without case (`casefold`), NFC again, runs of white space as one blank and none at the ends: `NGUYỄN  VĂN A`
        finds `Nguyễn Văn A`, but `Nguyen` does not find `Nguyễn`. Kinds keep a number from being the same in two
        columns. Whoever holds the index key can try out values: it is as secret as a key.
        """
        key = self._index.get(kind)
        if key is None:
            key = subkey(self.keeper.by_name(INDEX).secret(), f"index {kind}")
            self._index[kind] = key
        return keyed_hash(key, folded(text).encode())

    # Small things: columns, values of acts

    def seal(self, owner_key: str, plain: bytes, purpose: str = "") -> bytes:
        """Bytes sealed under a name's key (AES-256-GCM); only `open` with the same purpose gives them back.

        `owner_key`: the id of a dossier or owner, or `HOUSE`; never a personal number. Its key is made at first use.
        Raises `KeyDestroyedError` where it was destroyed. The result is 47 bytes longer than `plain`.
        """
        key = self.key(owner_key)
        head = _MAGIC + bytes.fromhex(key.id)
        return head + encrypt(key.box("small"), plain, head + purpose.encode())

    def open(self, sealed: bytes, purpose: str = "") -> bytes:
        """What was sealed. Raises `KeyDestroyedError`, `KeyUnknownError`, `SealBrokenError`."""
        if not is_sealed(sealed):
            raise SealBrokenError(None, "not sealed")
        head = sealed[: len(_MAGIC) + 16]
        key = self.keeper.by_id(head[len(_MAGIC) :].hex())
        return decrypt(key.box("small"), sealed[len(head) :], head + purpose.encode())

    def seal_text(self, owner_key: str, plain: str, purpose: str = "") -> str:
        """As `seal`, for a column of text: `hv1:` and base64."""
        sealed = self.seal(owner_key, plain.encode(), purpose)
        return TEXT + base64.urlsafe_b64encode(sealed).decode("ascii")

    def open_text(self, sealed: str, purpose: str = "") -> str:
        """As `open`. Text that is not sealed is given back as it is: it was written before there was a vault."""
        if not sealed.startswith(TEXT):
            return sealed
        try:
            data = base64.urlsafe_b64decode(sealed.removeprefix(TEXT))
        except ValueError:
            raise SealBrokenError(None, "not base64") from None
        return self.open(data, purpose).decode()

    # Who holds what

    def key(self, name: str) -> OpenKey:
        """The living key of a name, made at first use."""
        return self.keeper.by_name(checked(name), again=name.startswith(CONTENT), holder=_first_holder(name))

    def hold(self, dossier_id: str, contents: Iterable[str]) -> None:
        """From now on a dossier holds these contents (SHA-256 each), beside whoever holds them already.

        Contents that the ring does not know (stored before there was a vault) are passed over. Raises
        `ContentEndedError` where a content's last holder was destroyed since it was stored: store it again.
        """
        wanted = {CONTENT + sha256 for sha256 in contents if sha256}
        if not wanted:
            return
        holder = self.key(dossier_id)
        with self.keeper.ring.reading() as connection:
            known = r.living(connection, wanted)
            if len(known) < len(wanted) and (ended := r.ended(connection, wanted - known.keys())):
                raise ContentEndedError(None, f"{len(ended)} contents ended meanwhile")
            holders = r.holders_of(connection, list(known.values()))
            unclaimed = r.living(connection, [UNCLAIMED]).get(UNCLAIMED)
        missing = [key_id for key_id, found in holders.items() if holder.id not in found]
        if not missing:
            return
        wraps = {key_id: wrap_under(self.keeper.by_id(key_id), holder) for key_id in missing}
        with self.keeper.ring.writing() as connection:
            for key_id, wrapped in wraps.items():
                r.wrap_for(connection, key_id, holder.id, wrapped)
                if unclaimed is not None:
                    r.unwrap_from(connection, key_id, unclaimed)

    def link(self, dossier_id: str, owner_id: str) -> None:
        """A dossier belongs to an owner: destroying the owner's key takes the dossier, unless another owner has it too.

        Saying it again changes nothing. Raises `KeyDestroyedError` where either was destroyed.
        """
        dossier, owner = self.key(dossier_id), self.key(owner_id)
        wrapped = wrap_under(dossier, owner)
        with self.keeper.ring.writing() as connection:
            r.wrap_for(connection, dossier.id, owner.id, wrapped)
            for holder in r.holders_of(connection, [dossier.id])[dossier.id]:
                if holder.startswith(r.MASTER):
                    r.unwrap_from(connection, dossier.id, holder)

    def unlink(self, dossier_id: str, owner_id: str) -> None:
        """A dossier was an owner's by mistake; with no other owner it is held by the master again."""
        dossier, owner = self.key(dossier_id), self.key(owner_id)
        with self.keeper.ring.writing() as connection:
            r.unwrap_from(connection, dossier.id, owner.id)
            if not r.holders_of(connection, [dossier.id])[dossier.id]:
                master = self.keeper.current_master(connection)
                holder = r.MASTER + master.id
                r.wrap_for(connection, dossier.id, holder, dossier.wrapped_for(holder, master.wrap))

    # The end of a key

    def add_hold_check(self, check: Callable[[str], str | None]) -> None:
        """`check` is asked before a key is destroyed, with its name: the reason why it may not be, or None."""
        self._holds.append(check)

    def add_forgetter(self, forget: Forgetter) -> None:
        """`forget` is told of keys before they end: it puts the end on record and takes away what could be found."""
        self._forgetters.append(forget)

    def may_destroy(self, name: str) -> list[str]:
        """Names of all keys that would go with this one; raises `HeldByLawError`, `NameUnknownError`.

        A hold on any of them prevents it.
        """
        with self.keeper.ring.reading() as connection:
            row = r.by_name(connection, checked(name))
            if row is None:
                raise NameUnknownError(None, "no key of this name")
            names = [name, *r.would_go(connection, row.id)] if not row.destroyed else []
        for one in names:
            for check in self._holds:
                reason = check(one)
                if reason is not None:
                    raise HeldByLawError(one, reason)
        return names

    def destroy(self, name: str, reason: str, who: str = "system") -> list[str]:
        """Destroys the key of a name and every key that nothing else holds; returns their names, none at a second call.

        What they sealed cannot be opened again, wherever it lies. `reason` names an act or is sealed text: the ring and
        the journal keep it. `who` goes into the ledger. Raises `HeldByLawError`, `NameUnknownError`, `VaultError` for
        the house's own, and what a forgetter raises (nothing has ended then).
        """
        if name == HOUSE or name.startswith(f"{HOUSE}/"):
            raise VaultError(name, "the house's own keys are not destroyed")
        names = self.may_destroy(name)
        if not names:
            return []
        # Before the key ends: cut off in between, the same call does both again.
        for forget in self._forgetters:
            forget(names, reason, who)
        with self.keeper.ring.writing() as connection:
            row = r.by_name(connection, name)
            gone = r.destroy(connection, row.id, reason, self.keeper.now()) if row and not row.destroyed else []
        self.keeper.forget()
        self.keeper.ring.forget()
        return gone

    def end_again(self, name: str, reason: str) -> list[str]:
        """Ends a key of which the journal says that it had ended; as `destroy`, but asks and tells nobody."""
        with self.keeper.ring.writing() as connection:
            row = r.by_name(connection, checked(name))
            if row is None:
                raise NameUnknownError(None, "no key of this name")
            gone = [] if row.destroyed else r.destroy(connection, row.id, reason, self.keeper.now())
        if gone:
            self.keeper.forget()
            self.keeper.ring.forget()
        return gone

    def living(self) -> list[str]:
        """Names of all keys that live."""
        with self.keeper.ring.reading() as connection:
            return r.names(connection)

    def sweep(self, before: datetime) -> int:
        """Ends the keys of contents that came in before a moment and that no dossier holds; returns how many.

        A receipt or an intake that was cut off leaves such contents.
        """
        gone = 0
        with self.keeper.ring.writing() as connection:
            unclaimed = r.living(connection, [UNCLAIMED]).get(UNCLAIMED)
            for key_id in r.only_held_by(connection, unclaimed, before) if unclaimed else ():
                gone += len(r.destroy(connection, key_id, "unclaimed", self.keeper.now()))
        if gone:
            self.keeper.forget()
            self.keeper.ring.forget()
        return gone

    def lives(self, name: str) -> bool:
        """Whether a name has a key now; asking makes none."""
        return self.keeper.lives(checked(name))

    def is_destroyed(self, name: str) -> bool:
        """Whether the key of a name was destroyed."""
        with self.keeper.ring.reading() as connection:
            row = r.by_name(connection, checked(name))
        return row is not None and row.destroyed

    def close(self) -> None:
        """Closes the ring."""
        self.keeper.forget()
        self.keeper.ring.close()


def folded(text: str) -> str:
    """Text as the keyed index takes it; see `Vault.blind`."""
    once = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFC", once).split())


def is_sealed(data: bytes) -> bool:
    """Whether bytes look like what `Vault.seal` makes."""
    return data.startswith(_MAGIC) and len(data) >= len(_MAGIC) + 16 + NONCE + TAG


def checked(name: str) -> str:
    """The name of a key; raises `VaultError` for what cannot be one, or may be a personal number."""
    if _NAME.fullmatch(name) is None or _PERSONAL.search(_RANDOM.sub("", name)):
        raise VaultError(None, "not the name of a key: ids only, never a personal number")
    return name


def _first_holder(name: str) -> str | None:
    return UNCLAIMED if name.startswith(CONTENT) else None
