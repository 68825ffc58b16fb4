"""Which known pulsar a candidate is: the rule, and what it finds for real ones."""

from dataclasses import dataclass

import pytest

from pulsar_ml.candidate import open_candidate
from pulsar_ml.catalogue import Pulsar, match, separation
from pulsar_ml.psrcat import read


@dataclass
class Seen:
    period_s: float | None
    dm: float | None
    ra_deg: float | None
    dec_deg: float | None


@pytest.fixture(scope="module")
def pulsars(data):
    return read((data / "psrcat.db").read_bytes()).pulsars


# Name, B-name, degrees away, a/b, period ratio, DM difference, suggestion: by the
# header that each file has.
EXPECTED = {
    "HTRU_1_PHCX_Candidate_1.phcx": None,
    "HTRU_1_PHCX_Candidate_2.phcx": (
        ("J1803-2712", "B1800-27", 0.072, (1, 1), 0.999997, 0.25, "KNOWN_PSR")
    ),
    "HTRU_2_PHCX_Candidate_1.phcx.gz": None,
    "HTRU_2_PHCX_Candidate_2.phcx.gz": None,
    "LOTAAS_1_PFD_Candidate_1.pfd": (
        ("J2234+2114", "", 0.001, (1, 1), 0.999998, 0.27, "KNOWN_PSR")
    ),
    "LOTAAS_1_PFD_Candidate_2.pfd": (
        ("J0332+5434", "B0329+54", 3.786, (1, 2), 0.499999, 0.04, "NB_PSR")
    ),
    "2009-05-06-05:52:25.05.fil_sigproc_001.phcx.gz": (
        ("J0835-4510", "B0833-45", 0.018, (1, 1), 1.000406, -0.27, "KNOWN_PSR")
    ),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_real_candidate_has_the_match_that_is_expected_of_it(pulsars, data, name):
    header = open_candidate(data / "candidates" / name).header
    found = [
        (
            m.pulsar.name,
            m.pulsar.b_name,
            round(m.separation_deg, 3),
            (m.a, m.b),
            round(m.ratio, 6),
            round(m.dm_difference, 2),
            m.suggestion,
        )
        for m in match(header, pulsars)
    ]

    assert found == ([EXPECTED[name]] if EXPECTED[name] else [])


SKY = Pulsar("J0000+0000", "B2359+00", 10.0, 0.0, 0.5, 100.0)
BRIGHT = SKY._replace(s1400_mjy=20.0)


def names(seen, *pulsars):
    return [(m.pulsar.name, m.a, m.b, m.suggestion) for m in match(seen, pulsars)]


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (Seen(0.5, 100, 10, 0), (1, 1)),
        (Seen(0.5009, 100, 10, 0), (1, 1)),  # Vela has slowed down by 4e-4
        (Seen(0.5011, 100, 10, 0), None),
        (Seen(0.25, 100, 10, 0), (1, 2)),
        (Seen(1.5, 100, 10, 0), (3, 1)),
        (Seen(0.5 * 16 / 15, 100, 10, 0), (16, 15)),
        (Seen(0.5 * 17, 100, 10, 0), None),
        (Seen(0.5, 110, 10.9, 0), (1, 1)),
        (Seen(0.5, 110.1, 10, 0), None),  # 10 %
        (Seen(0.5, None, 10, 0), (1, 1)),
        (Seen(0.25, None, 10, 0), None),  # a ratio alone matches by chance
        (Seen(0.5, 100, 11.1, 0), None),
        (Seen(None, 100, 10, 0), None),
        (Seen(0.0, 100, 10, 0), None),
        (Seen(0.5, 100, None, 0), None),
    ],
)
def test_period_dm_and_position_must_agree(seen, expected):
    wanted = [("J0000+0000", *expected, "KNOWN_PSR")] if expected else []
    assert names(seen, SKY) == wanted


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (Seen(0.25, 100, 14.9, 0), [("J0000+0000", 1, 2, "NB_PSR")]),
        (Seen(0.5, None, 14.9, 0), []),
        (Seen(0.5, 100, 15.1, 0), []),
    ],
)
def test_a_bright_pulsar_is_suggested_from_degrees_away(seen, expected):
    assert names(seen, BRIGHT) == expected
    assert names(seen, SKY) == []


def test_a_pulsar_without_period_or_dm_does_no_harm():
    seen = Seen(0.25, 100, 10, 0)

    assert names(seen, SKY._replace(period_s=None), SKY._replace(dm=None)) == []
    assert names(Seen(0.5, 100, 10, 0), SKY._replace(dm=None)) == [
        ("J0000+0000", 1, 1, "KNOWN_PSR")
    ]


def test_the_likeliest_match_stands_first():
    seen = Seen(0.5, 100, 10, 0)
    period = {"beside": 0.5, "2/3": 0.75, "1/3": 1.5, "off": 0.5005, "exact": 0.5}
    known = [
        BRIGHT._replace(
            name=name, period_s=value, ra_deg=13 if name == "beside" else 10
        )
        for name, value in period.items()
    ]

    assert [m.pulsar.name for m in match(seen, known)] == [
        "exact",
        "off",
        "1/3",
        "2/3",
        "beside",
    ]


def test_a_match_says_why():
    (same,) = match(Seen(0.5001, 100.5, 10, 0), [SKY])
    (lone,) = match(Seen(0.5, None, 10, 0), [SKY])
    (beside,) = match(Seen(0.25, 100, 14, 0), [BRIGHT])

    assert same.why == "the same period to 0.02 %; the DM agrees within 0.5 pc cm⁻³"
    assert lone.why == (
        "the same period to 0 %; "
        "a DM is missing, so that only period and position speak for it"
    )
    assert beside.why == (
        "1/2 of its period to 0 %; the DM agrees within 0 pc cm⁻³; "
        "too far from the beam's centre, but bright enough for a side lobe"
    )


@pytest.mark.parametrize(
    ("positions", "expected"),
    [
        ((0, 0, 90, 0), 90),
        ((359.5, 0, 0.5, 0), 1),
        ((0, 89.5, 180, 89.5), 1),
        ((10, -90, 200, 90), 180),
        ((10, 45, 10, 45 + 1e-7), 1e-7),
    ],
)
def test_separations_are_right_across_zero_hours_and_the_poles(positions, expected):
    assert separation(*positions) == pytest.approx(expected, rel=1e-6)
