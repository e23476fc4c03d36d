"""Names in a package: folders of E-ARK CSIP 2.2 under BagIt's `data/`, file names without anything personal.

The tree follows the Vietnamese profile for archival packages (Circular 05/2025/TT-BNV): METS.xml at the root,
metadata/descriptive/EAD.xml, metadata/preservation/PREMIS.xml, representations/rep1/{METS.xml,data}. What came in
lies in rep2 under numbers; the names that people gave stand in the metadata only.
"""

from __future__ import annotations

import uuid
from typing import Final

PAYLOAD: Final = "data"
"""BagIt's folder; the information package is what lies in it."""
ROOT_METS: Final = "METS.xml"
EAD: Final = "metadata/descriptive/EAD.xml"
PREMIS: Final = "metadata/preservation/PREMIS.xml"
README: Final = "documentation/DOC-TRUOC.txt"
ARCHIVE: Final = "rep1"
ORIGINALS: Final = "rep2"
IMAGES: Final = "rep3"
TITLES: Final = {
    ARCHIVE: "Bản lưu trữ đã ký",
    ORIGINALS: "Tệp gốc như đã nhận",
    IMAGES: "Ảnh trang để xem",
}
PDF_NAME: Final = "archive.pdf"
DATA_NAME: Final = "data.json"
JWS_NAME: Final = "data.jws"
TOKEN_NAME: Final = "data.jws.tst"  # noqa: S105  # a file's name, no secret
SCHEMAS: Final = ("hoso-mets.xsd", "hoso-premis.xsd", "hoso-ead.xsd", "hoso-xlink.xsd", "hoso-csip.xsd")

PROFILE: Final = "https://earkcsip.dilcis.eu/profile/E-ARK-CSIP-v2-2-0.xml"
NS_METS: Final = "http://www.loc.gov/METS/"
NS_CSIP: Final = "https://DILCIS.eu/XML/METS/CSIPExtensionMETS"
NS_XLINK: Final = "http://www.w3.org/1999/xlink"
NS_PREMIS: Final = "http://www.loc.gov/premis/v3"
NS_EAD: Final = "http://ead3.archivists.org/schema/"
NS_XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"

_NAMESPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "urn:hoso:package")


def representation(name: str) -> str:
    """Folder of a representation inside the information package."""
    return f"representations/{name}"


def object_id(agency_code: str, dossier_id: str) -> str:
    """OBJID: `urn:FONDS:uuid:UUID`; the UUID is derived from the dossier's id, so that it never changes."""
    return f"urn:{agency_code}:uuid:{uuid.uuid5(_NAMESPACE, dossier_id)}"
