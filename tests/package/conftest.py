"""One small filed dossier a session, its package, and a stranger's house that knows nothing but the roots."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from package_samples import Tampered, file_dossier

from pipeline.composition import House, build_house
from pipeline.package.check import check_package
from pipeline.package.make import make_package
from pipeline.record import Dossier, Status
from pipeline.settings import Settings, SigningSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pipeline.package.report import PackageReport


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with build_house(Settings(home=tmp_path_factory.mktemp("home"), cores=1)) as built:
        yield built


@pytest.fixture(scope="session")
def filed(house: House) -> Dossier:
    made = file_dossier(house, "hs-261121-package1", "Trang")
    assert made.status is Status.FILED
    return made


@pytest.fixture(scope="session")
def other(house: House) -> Dossier:
    """Another dossier of the same house, with the same signer."""
    return file_dossier(house, "hs-261121-package2", "Tờ")


@pytest.fixture(scope="session")
def package(house: House, filed: Dossier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_package(house.tools, filed, tmp_path_factory.mktemp("packages"), images=True)


@pytest.fixture(scope="session")
def other_package(house: House, other: Dossier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_package(house.tools, other, tmp_path_factory.mktemp("packages"), images=True)


@pytest.fixture(scope="session")
def roots(house: House, filed: Dossier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a stranger is given: certificates and revocation lists of the authorities, no keys."""
    folder = tmp_path_factory.mktemp("roots")
    for name in ("root.crt", "issuing.crt", "root.crl", "issuing.crl"):
        shutil.copy(house.settings.pki / name, folder / name)
    return folder


@pytest.fixture(scope="session")
def stranger(roots: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house that knows nothing but the roots."""
    home = tmp_path_factory.mktemp("stranger")
    with build_house(Settings(home=home, cores=1, signing=SigningSettings(trust_folder=roots))) as built:
        yield built


@pytest.fixture
def copy(package: Path, tmp_path: Path) -> Tampered:
    return Tampered(Path(shutil.copytree(package, tmp_path / package.name)))


@pytest.fixture
def look(stranger: House) -> Callable[..., PackageReport]:
    """The check without signatures; what it says of those is left out of the report's reasons."""

    def run(path: Path | Tampered, **options: Any) -> PackageReport:
        folder = path.folder if isinstance(path, Tampered) else path
        report = check_package(stranger.tools, folder, quick=True, **options)
        kept = tuple(reason for reason in report.reasons if reason.code != "signatures_unjudged")
        return report.model_copy(update={"reasons": kept})

    return run


@pytest.fixture
def check(stranger: House) -> Callable[..., PackageReport]:
    """The whole check."""

    def run(path: Path | Tampered, **options: Any) -> PackageReport:
        return check_package(stranger.tools, path.folder if isinstance(path, Tampered) else path, **options)

    return run
