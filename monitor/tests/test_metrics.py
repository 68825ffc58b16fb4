"""/metrics: who may read it, and that Prometheus understands it."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

import pulsarsite
from monitor import metrics
from monitor.events import record
from monitor.figures import samples
from monitor.metrics import declared, tally
from monitor.metrics.exposition import counter, histogram
from monitor.models import Alert, Check, Ping

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
TOKEN = "a token like no other"


@pytest.fixture(autouse=True)
def token(settings):
    settings.METRICS_TOKEN = TOKEN


def read(client) -> dict[tuple, float]:
    """What Prometheus gets to know, by name and labels."""
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=")
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def test_without_a_token_in_the_configuration_there_is_no_such_page(client, settings):
    settings.METRICS_TOKEN = ""
    for headers in ({}, {"Authorization": "Bearer "}):
        assert client.get("/metrics", headers=headers).status_code == 404


@pytest.mark.parametrize(
    "given", ["", TOKEN, "Bearer", "Bearer wrong", f"Basic {TOKEN}", "Bearer \udcff"]
)
def test_without_the_token_it_is_refused_in_words(client, given):
    headers = {"Authorization": given} if given else {}
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="metrics"'
    assert answer.content.decode() == (
        "Send the token that monitor.metrics_token names: "
        "Authorization: Bearer <token>\n"
    )


def test_a_person_without_the_token_is_refused_too(client, person):
    client.force_login(person("admin"))
    assert client.get("/metrics").status_code == 401


def test_nothing_but_reading_is_answered(client):
    headers = {"Authorization": f"Bearer {TOKEN}"}
    assert client.post("/metrics", headers=headers).status_code == 405


@time_machine.travel(AT, tick=False)
def test_checks_hosts_outbox_clock_storage_and_alerts_are_told(client):
    families = {
        "IPv4": {"verdict": "up", "addresses": [{}]},
        "IPv6": {"verdict": "refused", "addresses": [{}]},
    }
    Check.objects.create(
        slug="host-a",
        kind=Check.Kind.HOST,
        name="a",
        state=Check.State.UP,
        looked_at=AT,
        detail={"families": families},
    )
    for state in (Check.State.DOWN, Check.State.GRACE, Check.State.PAUSED):
        Check.objects.create(slug=f"job-{state}", kind=Check.Kind.JOB, state=state)
    Ping.objects.create(slug="clock", started_at=AT - timedelta(seconds=20))
    record("batch.scored", about="batch 7")
    samples.put("storage.free", 2048, at=AT - timedelta(minutes=1))
    samples.put("workers.count", 2, at=AT - timedelta(minutes=6))
    for number, severity in enumerate(("critical", "critical", "warning")):
        Alert.objects.create(
            cause=str(number), severity=severity, title="x", begun_at=AT
        )
    Alert.objects.create(
        cause="over", severity="warning", title="x", begun_at=AT, live=None
    )
    with time_machine.travel(AT + timedelta(seconds=5), tick=False):
        told = read(client)
    expected = {
        ("pulsarsite_check_up", ("check", "host-a")): 1,
        ("pulsarsite_check_up", ("check", "job-down")): 0,
        ("pulsarsite_check_up", ("check", "job-grace")): 1,
        ("pulsarsite_check_looked_timestamp_seconds", ("check", "host-a")): (
            AT.timestamp()
        ),
        ("pulsarsite_host_up", ("family", "IPv4"), ("host", "a")): 1,
        ("pulsarsite_host_up", ("family", "IPv6"), ("host", "a")): 0,
        ("pulsarsite_outbox_events",): 1,
        ("pulsarsite_outbox_age_seconds",): 5,
        ("pulsarsite_clock_last_sign_timestamp_seconds",): AT.timestamp() - 20,
        ("pulsarsite_storage_free_bytes",): 2048,
        ("pulsarsite_alerts", ("severity", "critical"), ("state", "open")): 2,
        ("pulsarsite_alerts", ("severity", "warning"), ("state", "open")): 1,
        ("pulsarsite_build_info", ("version", pulsarsite.__version__)): 1,
        ("pulsarsite_dispatch_running",): 0,
        ("pulsarsite_training_running",): 0,
        ("pulsarsite_label_queue_size",): 0,
    }
    rest = {
        key: value
        for key, value in told.items()
        if key[0] not in ("pulsarsite_check_grace", "pulsarsite_check_paused")
    }
    for slug, state in (("host-a", "up"), ("job-down", "down"), ("job-grace", "grace")):
        assert told["pulsarsite_check_grace", ("check", slug)] == (state == "grace")
    assert told["pulsarsite_check_paused", ("check", "job-paused")] == 1
    # Of the workers nobody knows any more, and of what is switched off neither.
    assert rest == expected


def test_counters_and_histograms_are_those_of_all_processes(client, monkeypatch):
    monkeypatch.setattr(declared, "declared", [])
    monkeypatch.setattr("monitor.metrics.exposition.declared", declared.declared)
    metrics.declare(lambda: [counter("laps", "Laps", ("track",))])
    metrics.declare(lambda: [histogram("lap_seconds", "Time of a lap", ("track",))])
    tally.count("laps", 3, track='the "north"\n')
    for seconds in (0.0004, 0.3, 0.4, 100):
        tally.observe("lap_seconds", seconds, track="north")
    tally.flush()
    told = read(client)
    north = ("track", "north")
    assert told["pulsarsite_laps_total", ("track", 'the "north"\n')] == 3
    assert told["pulsarsite_lap_seconds_count", north] == 4
    assert told["pulsarsite_lap_seconds_sum", north] == pytest.approx(100.7004)
    buckets = {
        dict(key[1:])["le"]: value
        for key, value in told.items()
        if key[0] == "pulsarsite_lap_seconds_bucket"
    }
    assert list(buckets.values()) == [1] * 8 + [1, 3, 3, 3, 3, 3, 4]
    assert list(buckets)[8:] == ["0.25", "0.5", "1.0", "2.5", "5.0", "10.0", "+Inf"]


def test_who_cannot_tell_its_numbers_keeps_nobody_else_from_telling(
    client, monkeypatch, caplog
):
    def broken() -> list:
        raise RuntimeError("no numbers today")

    monkeypatch.setattr(
        "monitor.metrics.exposition.declared", [broken, *declared.declared]
    )
    assert read(client)["pulsarsite_outbox_events",] == 0
    assert "cannot tell its numbers" in caplog.text


def test_it_is_cheap_with_many_checks(client, django_assert_max_num_queries):
    at = timezone.now()
    Check.objects.bulk_create(
        Check(slug=f"job-{n}", kind=Check.Kind.JOB, looked_at=at) for n in range(200)
    )
    with django_assert_max_num_queries(25):
        read(client)
