"""The reader's parts: weights, alphabets, runtimes, recognisers, order, quality, calibration."""

from __future__ import annotations

import json
import string
from dataclasses import replace
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from models import weights
from models.alphabet import ACCENTED, REQUIRED, check_alphabet
from models.calibration import Calibration, from_json, load_calibration
from models.ctc import CtcRecogniser, load_ctc_model
from models.errors import AlphabetError, EngineMissingError, WeightsError
from models.factory import OWN_WEIGHTS, ReaderOptions, build_reader
from models.order import reading_order
from models.quality import LIMITS, counted, inspect_page, measure, percentile
from models.reading import Box
from models.recogniser import TrueocrRecogniser, collapse
from models.runtime import open_network

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray
    from typewriter import Typewriter

    from models.reading import Image, PageReader

LETTERS = ["", *sorted(REQUIRED)]


def test_the_alphabet_has_134_accented_letters() -> None:
    assert len(ACCENTED) == 134
    assert {"đ", "Đ", "ẵ", "Ỡ", "ỵ"} <= ACCENTED
    assert not ACCENTED & set(string.printable)


def test_an_alphabet_without_a_letter_is_refused() -> None:
    check_alphabet(REQUIRED)
    with pytest.raises(AlphabetError, match="missing 2 characters: ễ ỡ"):
        check_alphabet(REQUIRED - {"ễ", "ỡ"})


def test_a_recogniser_cannot_be_built_with_an_incomplete_alphabet() -> None:
    network = open_network(weights.TRUEOCR_RECOGNISER.load())
    charset = weights.load_json(weights.TRUEOCR_META.load(), "meta.json")["charset"]
    with pytest.raises(AlphabetError, match="ự"):
        TrueocrRecogniser(network, "broken", [c for c in charset if c != "ự"], pad_y=0.2, pad_x=0.1)


def test_the_stock_multilingual_recogniser_is_refused(tmp_path: Path) -> None:
    stock = weights.WheelFile("rapidocr", "rapidocr/models/PP-OCRv6_rec_small.onnx", "").locate()
    # Its dictionary is in the graph's metadata; Vietnamese is among its fifty languages, most letters are not.
    import onnxruntime

    listed = onnxruntime.InferenceSession(str(stock)).get_modelmeta().custom_metadata_map["character"].splitlines()
    described = tmp_path / "reader.json"
    described.write_text(json.dumps({"name": "stock", "alphabet": ["", *listed, " "], "height": 48}))
    with pytest.raises(AlphabetError, match="missing 88 characters"):
        load_ctc_model(stock, described)


def test_changed_weights_are_refused_by_name(tmp_path: Path) -> None:
    copied = tmp_path / "rec.onnx"
    copied.write_bytes(weights.TRUEOCR_RECOGNISER.locate().read_bytes()[:-1] + b"\0")
    with pytest.raises(WeightsError, match=r"rec\.onnx: SHA-256 is"):
        weights.load_checked(copied, weights.TRUEOCR_RECOGNISER.sha256)


def test_missing_weights_say_which() -> None:
    with pytest.raises(WeightsError, match="no-such-package is not installed"):
        weights.WheelFile("no-such-package", "a.onnx", "0").load()
    with pytest.raises(WeightsError, match=r"trueocr .* has no trueocr/models/none\.onnx"):
        weights.WheelFile("trueocr", "trueocr/models/none.onnx", "0").load()


def test_what_is_no_graph_is_a_weights_error() -> None:
    with pytest.raises(WeightsError, match=r"(?s)openvino: .*onnxruntime: "):
        open_network(b"this is no graph")


@pytest.mark.parametrize("detector", ["ppocr", "trueocr"])
def test_both_runtimes_read_the_same(letter: Image, detector: str) -> None:
    options = ReaderOptions(detector=detector, recogniser="trueocr", precision="f32")  # type: ignore[arg-type]
    texts = [
        build_reader(replace(options, backend=backend)).read(letter).text  # type: ignore[arg-type]
        for backend in ("openvino", "onnxruntime")
    ]
    assert texts[0] == texts[1]
    assert len(texts[0].splitlines()) == 14


def test_paddleocr_without_its_package_says_what_to_install() -> None:
    with pytest.raises(EngineMissingError, match=r"pip install 'hoso\[paddle\]'") as caught:
        build_reader(ReaderOptions(detector="paddleocr"))
    assert caught.value.code == "engine_missing"
    assert "hoso[paddle]" in caught.value.remedy_vi


class Striped:
    """A network that answers the class whose number is the grey level of a stripe, eight columns a step."""

    backend = "stripes"
    precision = "f32"

    def run(self, inputs: Mapping[str, NDArray[np.float32]]) -> tuple[NDArray[np.float32], ...]:
        levels = np.rint((inputs["x"][0, 0, 24, 4::8] + 1) * 127.5).astype(int)
        chances = np.full((1, len(levels), len(LETTERS)), 0.001, np.float32)
        chances[0, np.arange(len(levels)), np.where(levels < len(LETTERS), levels, 0)] = 0.9
        return (chances,)


def stripes(text: str) -> Image:
    """A crop that `Striped` reads as the text: a stripe of eight columns for each letter, a blank after each."""
    crop = np.full((48, 16 * len(text), 3), 255, np.uint8)
    for k, character in enumerate(text):
        crop[:, 16 * k : 16 * k + 8] = LETTERS.index(character)
    return crop


@pytest.fixture
def described(tmp_path: Path) -> tuple[Path, Path]:
    graph, meta = tmp_path / "reader.onnx", tmp_path / "reader.json"
    graph.write_bytes(b"graph")
    meta.write_text(json.dumps({"name": "stripes", "alphabet": LETTERS, "height": 48}), encoding="utf-8")
    return graph, meta


def test_long_lines_are_read_whole(described: tuple[Path, Path]) -> None:
    recogniser = CtcRecogniser(Striped(), load_ctc_model(*described))
    text = "Độc lập - Tự do - Hạnh phúc " * 12 + "hết"
    read = recogniser.recognise(stripes(text))
    assert read.text == text
    assert len(read.scores) == len(read.places) == len(text)
    assert list(read.places) == sorted(read.places)
    assert read.places[-1] == pytest.approx(1 - 12 / (16 * len(text)), abs=0.01)


def test_a_graph_that_its_description_does_not_fit_is_refused(described: tuple[Path, Path]) -> None:
    graph, meta = described
    meta.write_text(json.dumps({"name": "x", "alphabet": LETTERS, "height": 48, "sha256": "0" * 64}), encoding="utf-8")
    with pytest.raises(WeightsError, match=r"reader\.onnx"):
        load_ctc_model(graph, meta)
    meta.write_text(json.dumps({"name": "x", "alphabet": [*LETTERS, "?!"], "height": 48}), encoding="utf-8")
    with pytest.raises(WeightsError, match="classes"):
        CtcRecogniser(Striped(), load_ctc_model(graph, meta)).recognise(stripes("a"))


@pytest.mark.slow
@pytest.mark.skipif(not (OWN_WEIGHTS / "reader.onnx").is_file(), reason="our own weights are not installed")
def test_our_own_weights_read_every_accented_letter(typewriter: Typewriter) -> None:
    from test_reading_page import PHRASES

    own = build_reader(ReaderOptions(threads=2, recogniser="hoso"))
    rows = [(80, 40 + 90 * k, phrase) for k, phrase in enumerate([*PHRASES, *(p.upper() for p in PHRASES)])]
    read = {letter for size in (22, 28) for letter in own.read(typewriter.page(rows, size=size)).text}
    missing = sorted(ACCENTED - read)
    assert len(missing) <= 3, missing


def test_greedy_decoding_joins_repeats_and_spaces() -> None:
    charset = ["a", "b", " "]
    classes = np.array([0, 3, 1, 1, 0, 1, 3, 3, 0, 3, 2, 0, 3])
    chances = np.array([1, 1, 0.5, 0.9, 1, 0.8, 1, 1, 1, 1, 0.7, 1, 1.0])
    text, scores, places = collapse(classes, chances, charset)
    assert text == "aa b"
    assert scores == (0.9, 0.8, 1.0, 0.7)
    assert places == (3.0, 5.5, 7.0, 10.5)


HEAD = [
    (Box(100, 50, 380, 80), "ỦY BAN NHÂN DÂN"),
    (Box(160, 90, 320, 115), "XÃ A"),
    (Box(150, 150, 330, 175), "Số: 1/UBND"),
    (Box(520, 50, 950, 80), "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
    (Box(600, 95, 870, 120), "Độc lập - Tự do - Hạnh phúc"),
    (Box(590, 155, 880, 180), "A, ngày 1 tháng 2 năm 2025"),
]
BODY = [(Box(100, 260 + 40 * k, 930, 290 + 40 * k), f"dòng {k}") for k in range(4)]
FORM = [
    (Box(100, 500, 300, 530), "Họ tên:"),
    (Box(600, 502, 800, 531), "Giới tính:"),
    (Box(100, 540, 300, 570), "Ngày sinh:"),
    (Box(600, 541, 800, 571), "Dân tộc:"),
]
FOOT = [
    (Box(100, 900, 220, 925), "Nơi nhận:"),
    (Box(100, 935, 260, 955), "- Như trên;"),
    (Box(100, 965, 230, 985), "- Lưu: VT."),
    (Box(650, 902, 800, 930), "CHỦ TỊCH"),
    (Box(630, 1060, 820, 1090), "Nguyễn Văn A"),
]


@pytest.mark.parametrize("seed", range(5))
def test_head_and_foot_are_read_by_sides_and_forms_by_rows(seed: int) -> None:
    expected = [*HEAD, *BODY, *FORM, *FOOT]
    shuffled = [expected[i] for i in np.random.default_rng(seed).permutation(len(expected))]
    order = reading_order([box for box, _ in shuffled], [text for _, text in shuffled], (1050, 1400))
    assert [shuffled[i][1] for i in order] == [text for _, text in expected]


def test_columns_of_a_newspaper_are_read_one_after_the_other() -> None:
    left = [Box(60, 100 + 40 * k, 490, 130 + 40 * k) for k in range(8)]
    right = [Box(540, 110 + 40 * k, 980, 140 + 40 * k) for k in range(8)]
    assert reading_order([*right, *left], ["chữ"] * 16, (1050, 1400)) == [*range(8, 16), *range(8)]


def test_what_is_unreadable_follows_its_neighbour_and_blocks_no_gutter() -> None:
    seal = Box(240, 930, 660, 980)
    lines = [*FOOT, (seal, "")]
    order = reading_order([box for box, _ in lines], [text for _, text in lines], (1050, 1400))
    assert [i for i in order if i != 5] == [0, 1, 2, 3, 4]
    assert reading_order([seal], [""], (1050, 1400)) == [0]


def test_no_lines_have_no_order() -> None:
    assert reading_order([], [], (100, 100)) == []


def test_a_good_page_has_no_defect(reader: PageReader, letter: Image) -> None:
    assert reader.inspect(letter) == ()


def worsened(page: Image) -> dict[str, Image]:
    noise = np.random.default_rng(0).normal(240, 3, page.shape)
    centre = (page.shape[1] / 2, page.shape[0] / 2)
    lean = cv2.getRotationMatrix2D(centre, 10, 1)
    return {
        "blank": np.clip(noise, 0, 255).astype(np.uint8),
        "blurred": cv2.GaussianBlur(page, (0, 0), 5),
        "skewed": cv2.warpAffine(page, lean, page.shape[::-1], borderValue=255),
        "too_small": cv2.resize(page, None, fx=0.2, fy=0.2, interpolation=cv2.INTER_AREA),
        "cropped": page[:, 250:],
        "faint": (page * 0.1 + 229).astype(np.uint8),
        "dark": (page * 0.25).astype(np.uint8),
    }


@pytest.mark.parametrize("code", sorted(LIMITS))
def test_each_defect_is_found_with_its_value(letter: Image, code: str) -> None:
    found = {defect.code: defect for defect in inspect_page(worsened(letter)[code])}
    assert code in found
    defect = found[code]
    assert defect.limit == LIMITS[code]
    assert (defect.value > defect.limit) == (code in {"skewed", "cropped"})


def test_a_black_page_is_dark_and_not_blank() -> None:
    assert [defect.code for defect in inspect_page(np.zeros((900, 600), np.uint8))] == ["dark"]


def test_measures_are_of_the_page_as_given(typewriter: Typewriter) -> None:
    page = typewriter.page([(100, 100 + 80 * k, "HHHHHHH HHHHHHH HHHHHH") for k in range(12)], size=40)
    assert measure(page).letter == pytest.approx(40 * 0.714, abs=2)


def test_chances_rise_with_scores_and_fall_with_the_weakest() -> None:
    curve = load_calibration("trueocr-vi-r01")
    assert curve.coefficients["weakest"] > 0
    chances = [curve.word([0.999] * 4 + [weakest]) for weakest in (0.3, 0.6, 0.9, 0.999)]
    assert chances == sorted(chances)
    assert chances[0] < 0.6
    assert 0.95 < chances[-1] < 1
    assert curve.line([0.9, 0.9]) < 0.9
    assert curve.word([]) == curve.line([]) == 0.0


def test_an_unknown_recogniser_gets_the_plain_product() -> None:
    assert load_calibration("nobody") == Calibration()
    assert Calibration().word([0.5, 0.5]) == 0.25
    assert from_json({"coefficients": {"weakest": 1}}).word([0.75, 0.9]) == pytest.approx(0.75)
    with pytest.raises(ValueError, match="unknown figures: length_of_hair"):
        from_json({"coefficients": {"length_of_hair": 1}})


def test_the_kind_of_a_word_counts() -> None:
    curve = Calibration({"weakest": 1, "number": -1, "sign": -1, "single": -1, "foreign": -1})
    plain = curve.word([0.99] * 3, "các")
    assert plain == curve.word([0.99] * 4, "UBND") == curve.word([0.99] * 4, "(hoà")
    for text in ("12/2025", "–", "I.", "NThời", "ttcbth"):
        assert curve.word([0.99] * 3, text) < plain


@pytest.mark.parametrize("share", [0, 2, 50, 75, 95, 99.9, 100])
def test_percentiles_of_counted_levels_are_those_of_numpy(share: float) -> None:
    some = np.random.default_rng(7)
    for levels in (1, 2, 5, 60, 256):
        grey = some.integers(0, levels, (some.integers(1, 70), some.integers(1, 70))).astype(np.uint8)
        assert percentile(counted(grey), share) == pytest.approx(float(np.percentile(grey, share)), abs=1e-9)
