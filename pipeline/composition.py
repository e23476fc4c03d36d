"""The one composition root: settings in, a house with all its parts out. Nothing else builds parts.

Cheap parts (catalogue, store) are made at once, so that their errors show at the door; heavy ones (models, keys) when
first asked for, once, under a lock. Tests build the same house with their own settings and clock.
"""

from __future__ import annotations

import threading
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Self, TypeVar

from pipeline.catalogue.catalogue import Catalogue
from pipeline.clock import now as vietnam_now
from pipeline.conductor import Conductor
from pipeline.keeping.retention import forbids
from pipeline.key_settings import key_source
from pipeline.reader import build_reader
from pipeline.store.factory import StoreOptions, has_own_key, open_store, opened_store
from pipeline.store.protocol import Duty
from pipeline.telemetry.spans import build_spans
from pipeline.tools import Tools
from pipeline.vault.destruction import on_end
from pipeline.vault.factory import build_vault
from pipeline.vault.sealed import SealedStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from types import TracebackType

    from extractors.fields import FieldExtractor
    from models.child_start import Spare
    from models.reading import PageReader
    from pipeline.procedures.book import ProcedureBook
    from pipeline.procedures.shelf import Shelf
    from pipeline.settings import Settings
    from pipeline.store.protocol import ObjectStore
    from signing.factory import SigningOptions
    from signing.keys import KeySource
    from signing.signer import PdfSigner
    from signing.trust import Trust

T = TypeVar("T")


class Once(Generic[T]):
    """A factory that builds at the first call and gives the same object ever after; safe across threads."""

    def __init__(self, build: Callable[[], T]) -> None:
        self._build = build
        self._lock = threading.Lock()
        self._made: list[T] = []

    def __call__(self) -> T:
        """The object."""
        with self._lock:
            if not self._made:
                self._made.append(self._build())
            return self._made[0]


@dataclass(frozen=True, slots=True)
class House:
    """All parts of one process. Use as a context manager: leaving it closes what is open."""

    settings: Settings
    tools: Tools
    conductor: Conductor
    parts: ExitStack
    """Closes what is open."""

    @property
    def catalogue(self) -> Catalogue:
        """The catalogue."""
        return self.tools.catalogue

    @property
    def store(self) -> ObjectStore:
        """The object store."""
        return self.tools.store

    def reader(self) -> PageReader:
        """The page reader; its models are loaded at the first call."""
        return self.tools.reader()

    def procedures(self) -> ProcedureBook:
        """The procedure schemas."""
        return self.tools.procedures()

    def close(self) -> None:
        """Closes the catalogue and the store."""
        self.parts.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def build_house(settings: Settings, clock: Callable[[], datetime] | None = None, spare: Spare | None = None) -> House:
    """Builds the house; its reader takes the `spare` process.

    Raises a `HosoError` where the catalogue or the store cannot be opened.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    now = clock or vietnam_now
    with ExitStack() as opening:
        vault = opening.enter_context(closing(build_vault(settings, now)))
        catalogue = opening.enter_context(Catalogue(settings.database, clock=now, vault=vault))
        catalogue.migrate()
        catalogue.seal_old()
        options = store_options(settings)
        medium = opening.enter_context(opened_store(options))
        spans = opening.enter_context(closing(build_spans(settings.telemetry)))
        parts = opening.pop_all()
    shelf = Once(lambda: _shelf(settings))

    def sealed(inner: ObjectStore) -> ObjectStore:
        return SealedStore(inner, vault, settings.work / "sealed")

    store = sealed(medium)

    def store_for(duty: Duty) -> ObjectStore:
        return sealed(open_store(options, duty)) if has_own_key(options, duty) else store

    # once, however often opening fails: the options remember secrets that were refused
    signing = Once(lambda: _signing_options(settings))

    def current_book() -> ProcedureBook:
        return shelf()()

    tools = Tools(
        settings=settings,
        catalogue=catalogue,
        store=store,
        reading=Once(lambda: store_for(Duty.READING)),
        maintenance=Once(lambda: store_for(Duty.MAINTENANCE)),
        medium=medium,
        spans=spans,
        clock=now,
        reader=Once(lambda: parts.enter_context(closing(build_reader(settings, spare)))),
        procedures=current_book,
        extractors=Once(_extractors),
        signer=Once(lambda: _signer(signing(), parts)),
        trust=Once(lambda: _trust(settings)),
        vault=vault,
    )
    vault.add_forgetter(lambda names, reason, who: on_end(tools, names, reason, who))
    vault.add_hold_check(lambda name: forbids(tools, name))
    return House(settings, tools, Conductor(tools), parts)


def store_options(settings: Settings) -> StoreOptions:
    """What the settings say of the object store."""
    store = settings.store
    return StoreOptions(
        kind=store.kind,
        folder=store.folder or settings.home / "store",
        endpoint=store.endpoint,
        bucket=store.bucket,
        region=store.region,
        create_bucket=store.create_bucket,
        serve=store.serve,
        keys_file=store.keys_file,
        reading_keys_file=store.reading_keys_file,
        maintenance_keys_file=store.maintenance_keys_file,
        ca_file=store.ca_file,
        lock_days=store.lock_days,
    )


def _shelf(settings: Settings) -> Shelf:
    from pipeline.procedures.shelf import Shelf

    return Shelf(settings.procedures_folder, settings.home / "procedures.json")


def _extractors() -> tuple[FieldExtractor, ...]:
    from extractors.factory import build_extractors
    from models.tagger import open_tagger

    return build_extractors(Once(open_tagger))


def _signer(options: SigningOptions, parts: ExitStack) -> PdfSigner:
    from signing.factory import build_signer

    signer = build_signer(options)
    parts.callback(signer.key.close)
    return signer


def _signing_options(settings: Settings) -> SigningOptions:
    from signing.factory import SigningOptions
    from signing.keys import DevelopmentKey

    signing = settings.signing
    key: KeySource = key_source(signing) or DevelopmentKey()
    further = {role: key_source(own) for role, own in signing.keys.items()}
    keys: dict[str, KeySource] = {role: source for role, source in further.items() if source is not None}
    if not signing.own:
        keys = {"leader": DevelopmentKey("leader"), "agency": DevelopmentKey("agency")} | keys
    return SigningOptions(
        pki=settings.pki,
        key=key,
        level=signing.level,
        tsa=signing.tsa_urls or "development",
        tsa_timeout_s=signing.tsa_timeout_s,
        roots=signing.trust_folder,
        stamp_font=signing.stamp_font,
        seal_image=signing.seal_image,
        fetch=bool(signing.tsa_urls) if signing.fetch is None else signing.fetch,
        keys=keys,
    )


def _trust(settings: Settings) -> Trust:
    from signing.trust import Trust

    signing = settings.signing
    # With a key and timestamps of one's own nothing of the development PKI may count as proof.
    development = settings.pki if not signing.own or not signing.tsa_urls else None
    return Trust(development=development, roots=signing.trust_folder)
