"""What the page of a version tells of its audit sample."""

import re
from datetime import timedelta

import pytest
from django.utils.timezone import now

from monitor.figures import samples
from registry.tests.evaluated import older

pytestmark = pytest.mark.django_db

RATES = {"hit_rate": 0.9, "precision": 0.8, "recall": 0.7}


@pytest.fixture
def version(tmp_path):
    return older(tmp_path)


@pytest.fixture
def page(client, person, version):
    """Read the page, its words alone."""
    client.force_login(person("researcher"))

    def read() -> str:
        answer = client.get(version.get_absolute_url())
        assert answer.status_code == 200
        return re.sub(r"(<[^>]+>|\s)+", " ", answer.content.decode())

    return read


def put(version, at=None, number=None, rates=(), **values):
    labels = {"model": version.model.name, "version": str(number or version.number)}
    at = at or now()
    for name, value in values.items():
        samples.put(f"hit_rate.{name}", value, at=at, **labels)
    for name in rates:
        samples.put(f"{name}.audited", RATES[name], at=at, **labels)
        for end, more in (("low", -0.05), ("high", 0.04)):
            value = RATES[name] + more
            samples.put(f"{name}.interval", value, at=at, **labels, end=end)


def test_the_audited_figures_stand_with_their_intervals_beside_the_reported(
    page, version
):
    put(version, rates=RATES, audited_n=140, audited_drawn=180, reported=0.995)

    told = page()

    assert "140 of 180 rows that chance has picked are judged" in told
    assert "Hit rate 0.900 audited, 0.850 to 0.940" in told
    assert "Precision 0.800 audited, 0.750 to 0.840" in told
    assert "Recall 0.700 audited, 0.650 to 0.740" in told
    assert "Hit rate 0.995 reported: not corrected by anybody" in told


@pytest.mark.parametrize(
    ("n", "words"),
    [
        (12, "Too few of them are judged to say anything: at least 30 are wanted."),
        (40, "Too few of some scores are judged to say anything."),
    ],
)
def test_too_few_are_said_and_an_earlier_rate_is_not_shown(page, version, n, words):
    before = now() - timedelta(hours=1)
    put(version, before, rates=RATES, audited_n=40)
    put(version, audited_n=n, reported=0.5)

    told = page()

    assert f"{words} Of what programs were told, 0.500 was not corrected" in told
    assert "0.900 audited" not in told


def test_of_another_version_and_of_days_ago_nothing_is_told(page, version):
    other = version.number + 1
    put(version, number=other, rates=RATES, audited_n=40)
    long_ago = now() - timedelta(days=3)
    put(version, long_ago, rates=RATES, audited_n=40)

    assert "How good it is in use" not in page()
