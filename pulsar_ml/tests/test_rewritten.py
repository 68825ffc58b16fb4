"""Raw candidates written anew, the same in another way, have the same features."""

import gzip
import struct

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pulsar_ml.candidate import Candidate, open_candidate
from pulsar_ml.errors import BadInput
from pulsar_ml.features import FEATURES
from pulsar_ml.formats import phcx_xml
from pulsar_ml.tests import raw_files

FEW = settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
PLACES = [b"17:48:04.8480\0xx-24:46:46.2000\0\0", b"Unknown".ljust(32, b"\0"), b""]
WORDS = st.text("abcXYZ019_./-+ :", max_size=12)
GAPS = st.text(" \t\r\n", min_size=1, max_size=3)
KINDS = ["thornton", "morello", "ska"]


@pytest.fixture
def opened(tmp_path):
    """Open bytes as a candidate."""

    def opened(content: bytes) -> Candidate:
        path = tmp_path / "candidate"
        path.write_bytes(content)
        return open_candidate(path)

    return opened


def said(candidate: Candidate) -> list[float] | str:
    """The features, or why there are none."""
    try:
        return candidate.features().tolist()
    except BadInput as error:
        return str(error)


@st.composite
def folds(draw):
    """What a small PFD holds: formats and values, in the order of the file."""

    def real(low: float, high: float) -> float:
        return draw(st.floats(low, high))

    def few(low: int, high: int) -> int:
        return draw(st.integers(low, high))

    # Mostly such that the DM curve is there and not constant.
    dms, subbands = draw(st.sampled_from([(3, 2), (2, 3), (5, 4), (4, 2), (0, 1)]))
    periods, pdots, parts, bins = few(1, 3), few(1, 3), few(1, 3), few(4, 8)
    counts = (dms, periods, pdots, subbands, parts, bins, few(1, 3) * subbands)
    texts = [draw(WORDS).encode() for _ in range(3)] + [b"GBT"]
    hz, start = real(20, 700), real(0, 300)
    spins = [(0.0, few(0, 1) / hz, real(-1e-9, 1e-9), 0.0) for _ in range(2)]
    spins.append((float(few(0, 1)), hz, real(-1e-9, 1e-9), 0.0))
    size = (parts, subbands, bins)
    noise = draw(st.binary(min_size=parts * subbands * bins, max_size=96))
    profiles = np.frombuffer(noise, np.uint8)[: np.prod(size)].reshape(size) / 7
    profiles[..., 0] += 40
    stats = np.full((parts, subbands, 7), np.nan)
    stats[..., 0], stats[..., 5] = few(1, 10_000), real(0.1, 100)
    return profiles, [
        ("12i", (*counts, 1, 2, 1, 1, 1)),
        *((f"i{len(text)}s", (len(text), text)) for text in texts),
        (f"{len(place := draw(st.sampled_from(PLACES)))}s", (place,)),
        ("4d", (real(1e-5, 1e-2), 0.0, 1.0, real(50_000, 60_000))),
        ("2d", (few(0, 1) * real(50_000, 60_000), real(-1e-4, 1e-4))),
        ("3d", (real(30, 300), real(0.1, 2), start + real(0, 20))),
        *(("f4x3d", spin) for spin in spins),
        ("7d", [0.0] * 7),
        (f"{dms}d", np.linspace(start, start + real(10, 20), dms)),
        (f"{periods}d", np.linspace(0.999, 1.001, periods) / hz),
        (f"{pdots}d", np.linspace(-1e-9, 1e-9, pdots)),
        (f"{profiles.size}d", profiles.ravel()),
        (f"{stats.size}d", stats.ravel()),
    ]


def packed(order: str, fields) -> bytes:
    return b"".join(struct.pack(order + form, *values) for form, values in fields)


@FEW
@given(folds())
def test_a_pfd_in_either_byte_order_gives_identical_features(opened, fold):
    profiles, fields = fold
    little, big = (opened(packed(order, fields)) for order in "<>")

    assert said(little) == said(big)
    for candidate in (little, big):
        assert candidate.fold.profiles.tolist() == profiles.tolist()
    assert little.header == big.header
    assert little.reduced_chi2() == big.reduced_chi2()


@st.composite
def styles(draw):
    """A way to write XML: of an element and its attributes gives the text."""
    quote, upper = draw(st.sampled_from("'\"")), draw(st.booleans())
    order = draw(st.permutations(["nVals", "nBins", "nSub", "format", "min", "max"]))
    between, around, width = draw(GAPS), draw(GAPS), draw(st.integers(1, 200))

    def inside(element) -> str:
        if len(element):
            return around.join(map(written, element))
        if element.get("format") == "02X":
            digits = "".join(element.text.split())
            digits = digits if upper else digits.lower()
            lines = (digits[at : at + width] for at in range(0, len(digits), width))
            return between.join(lines)
        return between.join((element.text or "").split())

    def written(element) -> str:
        names = sorted(
            element.keys(), key=lambda n: order.index(n) if n in order else 0
        )
        given = "".join(f"{between}{n}={quote}{element.get(n)}{quote}" for n in names)
        tag = element.tag
        return f"<{tag}{given}>{around}{inside(element)}{around}</{tag}>"

    return written


@FEW
@given(
    st.sampled_from(KINDS),
    styles(),
    st.sampled_from(["", "<?xml version='1.0'?>\n", '<?xml version="1.0"?><!-- x -->']),
    st.sampled_from([b"", b"\xef\xbb\xbf"]),
    st.none() | st.integers(0, 9),
)
def test_a_phcx_written_in_another_way_gives_identical_features(
    opened, kind, style, declaration, mark, level
):
    original = raw_files.phcx(kind)
    anew = mark + f"{declaration}{style(phcx_xml.parsed(original))}".encode()
    if level is not None:
        anew = gzip.compress(anew, level)

    before, after = opened(original), opened(anew)
    assert after.features().tolist() == before.features().tolist()
    assert len(after.features()) == len(FEATURES)
    assert (after.header, after.other_kind) == (before.header, before.other_kind)
