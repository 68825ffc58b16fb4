"""What is scored: counted and timed as it happens, and made figures each minute."""

from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from monitor.figures import gather
from monitor.metrics import tally
from monitor.metrics.exposition import exposition
from monitor.models import Sample, Tally
from registry import serving
from registry.metrics import inference, measure, percentile
from registry.ship import register_shipped

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def champion():
    register_shipped()
    return serving.find("pulsar@champion")


def scored(n: int, seconds: float = 0.003, source: str = "cases") -> None:
    """As if so many rows had been scored, one at a time."""
    known = {"model": "pulsar", "version": "2", "source": source}
    tally.count("inference_rows", n, **known)
    for _ in range(n):
        tally.observe("inference_duration_seconds", seconds, **known)
    tally.flush()


def figures(at: datetime) -> dict[tuple[str, str], float]:
    found = Sample.objects.filter(at=at).values_list("name", "labels", "value")
    return {(name, labels.get("source", "")): value for name, labels, value in found}


def test_a_request_is_counted_with_its_version_its_rows_and_its_time(champion):
    with inference(champion, source="upload", rows=40):
        pass
    with (
        pytest.raises(OSError, match="gone"),
        inference(champion, source="upload", rows=7),
    ):
        raise OSError("gone")
    tally.flush()
    told = {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(exposition().decode())
        for sample in family.samples
        if "inference" in sample.name and "le" not in sample.labels
    }
    version = ("version", str(champion.number))
    asked = ("alias", "champion"), ("model", "pulsar")
    of = ("model", "pulsar"), ("source", "upload"), version
    took = told.pop(("pulsarsite_inference_duration_seconds_sum", *of))
    assert 0 < took < 1
    requests = "pulsarsite_inference_requests_total"
    assert told == {
        (requests, *asked, ("outcome", "ok"), version): 1,
        (requests, *asked, ("outcome", "error"), version): 1,
        ("pulsarsite_inference_rows_total", *of): 40,
        ("pulsarsite_inference_duration_seconds_count", *of): 1,
    }


def test_versions_with_an_alias_are_told(champion):
    line = (
        f'pulsarsite_model_info{{alias="champion",name="pulsar",'
        f'sha256="{champion.sha256}",version="{champion.number}"}} 1.0'
    )
    assert line in exposition().decode().splitlines()


def test_each_minute_has_its_own_rate_and_times():
    scored(100)
    measure(AT)
    scored(40)
    scored(2, 0.3, source="upload")
    measure(AT + 2 * MINUTE)
    measure(AT + 3 * MINUTE)
    # What came before the first measurement took nobody knows how long.
    assert figures(AT) == {("inference.rate", ""): 0}
    assert figures(AT + 2 * MINUTE) == {
        ("inference.rate", ""): 21,
        ("inference.p50", "cases"): pytest.approx(0.00375),
        ("inference.p95", "cases"): pytest.approx(0.004875),
        ("inference.p99", "cases"): pytest.approx(0.004975),
        ("inference.p50", "upload"): pytest.approx(0.375),
        ("inference.p95", "upload"): pytest.approx(0.4875),
        ("inference.p99", "upload"): pytest.approx(0.4975),
    }
    # Where nobody asked there is a rate, and no time.
    assert figures(AT + 3 * MINUTE) == {("inference.rate", ""): 0}


def test_what_was_scored_in_a_long_silence_of_the_clock_makes_no_rate():
    measure(AT)
    scored(1000)
    measure(AT + 30 * MINUTE)
    assert figures(AT + 30 * MINUTE) == {("inference.rate", ""): 0}
    assert Tally.objects.get(name="inference_rows").seen == 1000


@pytest.mark.parametrize(
    ("counts", "share", "value"),
    [
        ({0.01: 10}, 0.5, 0.0075),
        ({0.01: 50, 0.025: 50}, 0.99, 0.0247),
        ({0.0005: 1}, 0.5, 0.00025),
        ({float("inf"): 1}, 0.99, 10),
        ({0.01: 98, float("inf"): 2}, 0.99, 10),
    ],
)
def test_a_percentile_lies_within_its_bucket(counts, share, value):
    assert percentile(counts, share) == pytest.approx(value)


def test_the_tick_measures_it():
    assert measure in gather.declared
