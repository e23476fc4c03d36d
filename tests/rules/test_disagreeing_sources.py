"""Where a code, a zone and print disagree, a finding says who says what."""

from __future__ import annotations

from datetime import UTC, datetime

from extractors.fields import FieldStatus, Source
from pipeline.record import Claim, DocumentRecord, Dossier, FieldRecord, Severity, Status
from pipeline.rules.sources import sources_disagree


def claim(value: object, source: Source, probability: float = 0.95) -> Claim:
    return Claim(value=value, raw=str(value), probability=probability, source=source, page=3, box=None)


def findings(*claims: Claim, status: FieldStatus = FieldStatus.DOUBTFUL, reason: str = "sources_disagree") -> list[str]:
    field = FieldRecord(value=claims[0].value, raw="", probability=0.5, source=claims[0].source, page=3, box=None,
                        status=status, reason=reason, label="Ngày sinh", claims=claims)  # fmt: skip
    card = DocumentRecord(id="d1", type="cccd", title="Thẻ căn cước", component=None, pages=(3,), probability=0.99,
                          fields={"ngay_sinh": field})  # fmt: skip
    dossier = Dossier(id="x", procedure=None, status=Status.PROCESSING, documents=(card,),
                      received_at=datetime(2026, 11, 12, tzinfo=UTC))  # fmt: skip
    found = list(sources_disagree(dossier))
    assert all(one.severity is Severity.CONFIRM and one.fields[0].key == "ngay_sinh" for one in found)
    return [one.message for one in found]


def test_each_source_is_named_with_what_it_says() -> None:
    (said,) = findings(
        claim("1994-10-05", Source.QR, 0.9995), claim("1994-10-05", Source.MRZ), claim("1994-10-06", Source.LABEL)
    )
    assert "Thẻ căn cước (trang 3), ngày sinh" in said
    assert "mã QR và vùng đọc máy (MRZ) ghi “05/10/1994”; chữ in ghi “06/10/1994”" in said


def test_slips_of_reading_and_decided_fields_say_nothing() -> None:
    assert findings(claim("1994-10-05", Source.QR), claim("1994-10-08", Source.LABEL, 0.1)) == []
    pair = (claim("1994-10-05", Source.QR), claim("1994-10-06", Source.LABEL))
    assert findings(*pair, status=FieldStatus.CONFIRMED) == []
    assert findings(*pair, reason="below_threshold") == []
