"""What the columns beside a candidate say, by the names that each tool gives."""

import pytest

from pulsar_ml.candidate import Header
from pulsar_ml.said import completed, header
from pulsar_ml.tests import listed
from pulsar_ml.writers.quantities import named


def test_candyjars_columns_give_period_dm_and_position():
    found = header(listed.candidate("x.png"))
    assert found == Header(
        period_s=0.5,
        pdot=1e-15,
        dm=20.0,
        snr=14.07,
        ra_deg=pytest.approx(267.0202083),
        dec_deg=pytest.approx(-24.7795),
        mjd=59352.0416666667,
        tobs_s=600.0,
    )


def test_pulsarx_columns_do_as_well():
    head, *_, names, line = listed.pulsarx([4]).decode().splitlines()
    said = dict(zip(names[1:].split("\t"), line.split("\t"), strict=True))
    assert head == "#Filename /data/beam.fil"
    found = header(
        said | {"RA": "00:00:30", "DEC": "-00:10:00", "Telescope": "MeerKAT"}
    )
    assert found == Header(
        telescope="MeerKAT",
        period_s=0.5,
        pdot=1e-15,
        dm=20.0,
        snr=14.07,
        ra_deg=pytest.approx(0.125),
        dec_deg=pytest.approx(-1 / 6),
    )


def test_ours_hold_and_the_fitted_come_before_the_searched():
    said = {"dm_user": "1", "dm_opt": "2", "f0_usr": "4", "F0_old": "8"}
    assert header(said) == Header(dm=2.0, period_s=0.25)
    assert header(said | {"DM": "3", "period_s": "7"}) == Header(dm=3.0, period_s=7.0)


@pytest.mark.parametrize(
    "said",
    [
        {"f0_opt": "0"},
        {"f0_opt": "1e-320"},
        {"f0_opt": "x", "dm_opt": "nan", "sn_fold": "inf"},
        {"ra": "12.5", "dec": "-24.7"},
        {"ra": "25:00:00", "dec": "-91:00:00"},
        {"ra": "", "dec": "12:30:00:00"},
    ],
)
def test_what_cannot_be_understood_is_not_taken(said):
    assert header(said) == Header()


def test_what_the_raw_file_says_holds():
    of_file = Header(telescope="Parkes", dm=0.0, period_s=1.0)
    found = completed(of_file, {"dm_opt": "20", "Telescope": "GBT", "tobs": "5"})
    assert found == Header(telescope="Parkes", dm=0.0, period_s=1.0, tobs_s=5.0)


def test_every_column_with_pics_is_a_score():
    assert named("pics_trapum_ter5").ucd == named("PICS").ucd == "stat.probability"
