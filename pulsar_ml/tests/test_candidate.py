"""Raw candidates: PHCX, PFD and .bestprof, real ones and ones written by hand."""

import gzip
import json
import struct
from pathlib import Path

import numpy as np
import pytest

from pulsar_ml import fold
from pulsar_ml.candidate import Candidate, Header, open_candidate
from pulsar_ml.errors import BadInput, UnknownFormat
from pulsar_ml.features import FEATURES
from pulsar_ml.formats import bestprof, pfd_header
from pulsar_ml.formats.pfd import Pfd
from pulsar_ml.formats.table import Source
from pulsar_ml.tests import raw_files


@pytest.fixture
def real(data: Path):
    """Open one of the real candidates."""

    def opened(name: str) -> Candidate:
        path = data / "candidates" / name
        beside = path.with_name(f"{name}.bestprof")
        return open_candidate(Source(path, name, beside if beside.exists() else None))

    return opened


@pytest.fixture
def written(tmp_path: Path):
    """Open bytes as a candidate."""

    def opened(content: bytes, beside: bytes = b"") -> Candidate:
        path = tmp_path / "candidate"
        path.write_bytes(content)
        if beside:
            (tmp_path / "beside").write_bytes(beside)
        return open_candidate(
            Source(path, "candidate", tmp_path / "beside" if beside else None)
        )

    return opened


def test_every_real_candidate_has_the_expected_features(data, real):
    listed = json.loads((data / "candidates" / "expected.json").read_text())

    assert len(listed) == 22
    for entry in listed:
        candidate = real(entry["file"])
        if "error" in entry:
            with pytest.raises(BadInput, match="features unavailable: no DM trials"):
                candidate.features()
            continue
        wanted = np.array([entry["features"][name] for name in FEATURES])
        wrong = np.abs(candidate.features() - wanted)
        allowed = np.maximum(1e-5 * np.abs(wanted), 1e-4)
        assert (wrong <= allowed).all(), entry["file"]


def test_real_candidates_reproduce_their_rows_of_htru2(data, real):
    table = np.loadtxt(data / "HTRU_2.csv", delimiter=",", skiprows=1)
    listed = json.loads((data / "candidates" / "expected.json").read_text())
    rows = {e["file"]: table[e["htru2_row"], :8] for e in listed if "htru2_row" in e}

    assert len(rows) == 10
    for name, row in rows.items():
        np.testing.assert_allclose(real(name).features(), row, rtol=0, atol=5e-8)


@pytest.mark.parametrize(
    ("name", "profile", "curve", "plane", "other_kind"),
    [
        ("HTRU_1_PHCX_Candidate_1.phcx", 8045, 1983529, (66, 296), True),
        ("HTRU_1_PHCX_Candidate_2.phcx", 2060, 238665, (66, 39), True),
        ("HTRU_2_PHCX_Candidate_1.phcx.gz", 10706, 807, (66, 66), False),
        ("HTRU_2_PHCX_Candidate_2.phcx.gz", 18266, 3671, (66, 66), False),
    ],
)
def test_a_phcx_gives_the_right_sections(real, name, profile, curve, plane, other_kind):
    candidate = real(name)

    assert candidate.kind == "phcx"
    assert candidate.profile.sum() == profile
    assert candidate.dm_curve.sum() == curve
    assert candidate.other_kind is other_kind
    assert candidate.panels().plane.values.shape == plane


def test_the_best_dm_of_a_phcx_is_the_brightest_row_of_its_plane(real):
    candidate = real("HTRU_1_PHCX_Candidate_2.phcx")

    plane = candidate.panels().plane
    row, _ = np.unravel_index(plane.values.argmax(), plane.values.shape)
    assert plane.y[row] == pytest.approx(candidate.header.dm, abs=1e-4)
    assert plane.values.max() == pytest.approx(candidate.header.snr)


def test_a_real_pfd_is_folded_step_by_step_as_expected(real):
    first = real("LOTAAS_1_PFD_Candidate_1.pfd")
    second = real("LOTAAS_1_PFD_Candidate_2.pfd")

    steps = []
    for candidate in (first, second):
        shifts = fold.shifts(candidate.fold, candidate.header.dm)
        best = int(candidate.dm_curve.argmax())
        steps.append(
            (
                shifts[[0, 1, -2, -1]].tolist(),
                int(candidate.profile.argmax()),
                best,
                round(float(candidate.dm_curve[best]), 6),
                round(float(fold.trial_dms(candidate.dms)[best]), 4),
            )
        )
    assert steps == [
        ([272, 259, 6, 0], 73, 49, 6.588937, 35.3528),
        ([783, 748, 18, 0], 69, 52, 2.313204, 26.7920),
    ]
    mean, variance = fold.expected(first.fold)
    assert (round(mean, 6), f"{variance:.5e}") == (88.040088, "4.15037e+10")
    assert first.header.tobs_s == pytest.approx(3593.6795, abs=1e-4)
    chi2 = [candidate.panels().reduced_chi2 for candidate in (first, second)]
    assert chi2 == pytest.approx([7.7045, 2.4312], abs=5e-5)


@pytest.mark.parametrize(
    "name",
    [
        "Ter5_080912_DM242.30_PSR_1748-2446A.pfd",
        "Ter5_080912_bary_DM238.30_8.66ms_Cand.pfd",
    ],
)
def test_the_panels_of_a_pfd_equal_its_bestprof_to_the_printed_digits(data, real, name):
    text = (data / "candidates" / f"{name}.bestprof").read_text()
    printed = bestprof.parse(text)
    candidate = real(name)

    panels = candidate.panels()
    assert f"{panels.reduced_chi2:.3f}" == f"{printed.reduced_chi2:.3f}"
    np.testing.assert_allclose(panels.profile, printed.profile, rtol=5e-7)
    assert candidate.reduced_chi2() == panels.reduced_chi2
    assert (candidate.header.snr, candidate.header.sigma) == (None, printed.sigma)
    assert candidate.header.name == printed.candidate


def test_the_header_of_a_phcx_is_read_whole(written):
    assert written(raw_files.phcx()).header == Header(
        name="G1",
        telescope="Parkes",
        period_s=0.0726,
        dm=61.5,
        snr=9.5,
        width=0.04,
        ra_deg=251.5,
        dec_deg=-33.25,
        mjd=54788.25,
        tobs_s=560.0,
        centre_mhz=1382.0,
        bandwidth_mhz=-400.0,
    )


@pytest.mark.parametrize(
    ("kind", "n_curve", "other_kind", "dms"),
    [
        ("thornton", 6, False, [50, 54, 58, 62, 66, 70]),
        ("morello", 24, True, [40, 50, 60]),
        ("ska", 24, True, [50, 54, 58, 62, 66, 70]),
    ],
)
def test_each_variant_of_phcx_has_its_profile_and_curve(
    written, kind, n_curve, other_kind, dms
):
    candidate = written(raw_files.phcx(kind))

    drawn = np.random.default_rng(1).integers(0, 256, len(candidate.profile))
    assert candidate.profile.tolist() == drawn.tolist()
    assert len(candidate.dm_curve) == n_curve
    assert candidate.other_kind is other_kind
    panels = candidate.panels()
    assert panels.dm.x.tolist() == dms
    assert panels.plane.values.shape == (6, 4)
    assert panels.plane.values.min() >= 1
    assert panels.plane.values.max() <= 9.5
    assert panels.subbands.y.tolist() == [1532, 1432, 1332, 1232]
    assert panels.subints.y.tolist() == [70, 210, 350, 490]


def test_gzip_is_recognised_by_content(written):
    plain, compressed = written(raw_files.phcx()), raw_files.phcx(compressed=True)
    assert written(compressed).features().tolist() == plain.features().tolist()


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("<phcf>", "<!DOCTYPE a [<!ENTITY b 'c'>]><phcf>", "declares a document type"),
        ("</phcf>", "", "is no well-formed XML"),
        ("nBins='64' format", "nBins='63' format", "has a Profile of 64 values; 63"),
        ("nBins='64' format", "nBins='-1' format", "has a Profile whose nBins is '-1'"),
        ("<Dm>61.5", "<Dm>nan", "has a BestValues/Dm that is no number: 'nan'"),
        ("<RA units='degrees'>251.5", "<RA>x", "head/Coordinate/RA that is no number"),
        ("\n50.0000\n", "\nnan\n", "has a SnrBlock/DmIndex with values that are not"),
        ("\n50.0000\n", "\n", "has a DataBlock of 6 values; 5 should be there"),
        ("<head>", "<head>" + "<a/>" * 10_001, "has more elements than any PHCX"),
        ("<head>", "<head>" + " " * 5 * 2**20, "is larger than 5 MiB"),
        ("Profile", "Nothing", "is a PHCX candidate without a profile"),
    ],
)
def test_a_damaged_phcx_is_refused_with_its_reason(written, old, new, reason):
    content = raw_files.phcx().replace(old.encode(), new.encode())
    with pytest.raises(BadInput, match=reason.replace("(", r"\(")):
        written(content)


def test_a_compressed_phcx_is_never_unpacked_beyond_the_limit(written):
    content = gzip.compress(raw_files.phcx() + b" " * 200 * 2**20)
    with pytest.raises(BadInput, match="is larger than 5 MiB"):
        written(content)


def test_a_constant_profile_is_refused_with_its_reason(written):
    content = raw_files.phcx()
    begin = content.rindex(b"<Profile")
    start = content.index(b">", begin) + 1
    end = content.index(b"<", start)
    with pytest.raises(BadInput, match="the profile is constant and has no skewness"):
        written(content[:start] + b"7F" * 64 + content[end:]).features()


def test_the_header_of_a_pfd_is_read_whole(written):
    candidate = written(raw_files.pfd())

    assert candidate.header == Header(
        name="Cand_1",
        telescope="GBT",
        period_s=0.5,
        pdot=1e-12,
        dm=20.0,
        ra_deg=pytest.approx(267.0202),
        dec_deg=pytest.approx(-24.7795),
        mjd=55000.5,
        tobs_s=60.0,
        centre_mhz=307.5,
        bandwidth_mhz=16.0,
    )
    assert (candidate.kind, candidate.other_kind) == ("pfd", True)


@pytest.mark.parametrize("place", [b"Unknown".ljust(32, b"\0"), b""])
def test_a_pfd_without_a_position_is_read(written, place):
    candidate = written(raw_files.pfd(place=place))

    assert (candidate.header.ra_deg, candidate.header.dec_deg) == (None, None)
    same = written(raw_files.pfd())
    assert candidate.features().tolist() == same.features().tolist()


def test_a_pfd_in_the_other_byte_order_gives_identical_features_and_panels(written):
    little, big = written(raw_files.pfd("<")), written(raw_files.pfd(">"))

    assert big.features().tolist() == little.features().tolist()
    assert big.header == little.header
    assert big.panels().reduced_chi2 == little.panels().reduced_chi2


def test_a_real_pfd_swapped_byte_by_byte_gives_identical_features(data, written):
    content = (data / "candidates" / "LOTAAS_1_PFD_Candidate_1.pfd").read_bytes()
    original = written(content)

    assert written(_swapped(content)).features().tolist() == (
        original.features().tolist()
    )


def _swapped(content: bytes) -> bytes:
    """A little-endian PFD with every number the other way round."""
    head = pfd_header.parse(content[: pfd_header.HEADER_BYTES])
    swapped = bytearray(content)

    def turn(begin: int, end: int, size: int) -> None:
        numbers = np.frombuffer(content[begin:end], f"<u{size}")
        swapped[begin:end] = numbers.astype(f">u{size}").tobytes()

    turn(0, 48, 4)
    at = 48
    for _ in range(4):
        turn(at, at + 4, 4)
        at += 4 + struct.unpack_from("<i", content, at)[0]
    at += 32
    turn(at, at + 72, 8)
    for spin in range(at + 72, at + 168, 32):
        turn(spin, spin + 4, 4)
        turn(spin + 8, spin + 32, 8)
    turn(head.arrays_at - 56, len(content), 8)
    return bytes(swapped)


@pytest.mark.parametrize("without", [{"dms": 0}, {"dms": 1}, {"subbands": 1}])
def test_a_fold_without_dm_trials_has_panels_but_no_features(written, without):
    candidate = written(raw_files.pfd(**without))

    assert candidate.dm_curve is None
    with pytest.raises(BadInput, match="features unavailable: no DM trials"):
        candidate.features()
    panels = candidate.panels()
    assert panels.dm is None
    assert panels.subints.values.shape == (raw_files.N_PARTS, raw_files.N_BINS)
    assert panels.plane.values.shape == (3, 3)
    assert panels.reduced_chi2 > 0
    assert candidate.reduced_chi2() == panels.reduced_chi2


def test_a_constant_fold_is_refused_with_its_reason(written):
    with pytest.raises(BadInput, match="the profile is constant"):
        written(raw_files.pfd(constant=True)).features()


def test_the_panels_of_a_pfd_show_the_pulse(written):
    panels = written(raw_files.pfd()).panels()

    assert sorted(np.argsort(panels.profile)[-2:].tolist()) == [7, 8]
    assert panels.subbands.values.shape == (raw_files.N_SUBBANDS, raw_files.N_BINS)
    np.testing.assert_allclose(panels.subbands.values.sum(axis=0), panels.profile)
    np.testing.assert_allclose(panels.subints.values.sum(axis=0), panels.profile)
    assert panels.plane.values[1, 1] == pytest.approx(panels.reduced_chi2, rel=0.05)
    assert panels.dm.y.max() == pytest.approx(panels.reduced_chi2, rel=0.05)


def _patched(content: bytes, at: int, form: str, value: float) -> bytes:
    packed = struct.pack(form, value)
    return content[:at] + packed + content[at + len(packed) :]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda c: c[:-1], "is damaged: it has "),
        (lambda c: c + b"\0", "is damaged: it has "),
        (lambda c: c[:150], "is damaged: it ends within its header"),
        (lambda c: _patched(c, 4 * 5, "<i", 99_999), "says that it has 99999 bins"),
        (lambda c: _patched(c, 0, "<i", 100_000), "and by its header"),
        (lambda c: _patched(c, 4 * 4, "<i", 7), "is damaged: it has "),
        (lambda c: _patched(c, -8 * 7 * 2, "<d", 1e300), "values that no observation"),
        (lambda c: _patched(c, -8 * 500, "<d", np.nan), "values that no observation"),
    ],
)
def test_a_damaged_pfd_is_refused_before_memory_is_taken(written, change, reason):
    content = change(raw_files.pfd())
    with pytest.raises(BadInput, match=reason):
        written(content)


def test_a_pfd_larger_than_the_limit_is_refused_by_its_header(written):
    content = _patched(raw_files.pfd(), 4 * 4, "<i", 65_536)
    content = _patched(content, 4 * 5, "<i", 8192)
    with pytest.raises(BadInput, match="is larger than 128 MiB"):
        written(content)


def test_a_bestprof_gives_its_sigma_to_the_pfd_beside_it(written):
    candidate = written(raw_files.pfd(), raw_files.bestprof())

    assert isinstance(candidate, Pfd)
    assert (candidate.header.snr, candidate.header.sigma) == (None, 8.7)
    assert candidate.notes == ()


@pytest.mark.parametrize(
    ("beside", "reason"),
    [
        (raw_files.bestprof("Cand_2"), "it is of another candidate, 'Cand_2'."),
        (raw_files.bestprof(bins=64), "it has 64 bins, the PFD 32."),
        (
            b"# Input file = a\n 0 x\n",
            "it is no .bestprof: its values are not numbers.",
        ),
    ],
)
def test_a_bestprof_of_something_else_is_not_used_and_this_is_said(
    written, beside, reason
):
    candidate = written(raw_files.pfd(), beside)

    assert candidate.header.sigma is None
    assert candidate.notes == (f"The .bestprof beside it was not used: {reason}",)


@pytest.mark.parametrize("content", [b"1,2,3\n", b"\0" * 5000, b"<xml/>", b"\x1f\x8b"])
def test_other_files_are_no_candidates(written, content):
    with pytest.raises(UnknownFormat, match="neither a PHCX nor a PFD candidate"):
        written(content)
