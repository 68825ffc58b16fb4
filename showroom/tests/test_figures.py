"""What a batch leaves in the figures of the Monitor."""

import pytest

from monitor.metrics import tally
from monitor.models import Sample, Tally
from monitor.work import State
from pulsar_ml.features import FEATURES
from showroom import figures
from showroom.case import classify_case
from showroom.models import Batch
from showroom.start import start
from showroom.tests.conftest import as_csv, simulate, stored

pytestmark = pytest.mark.django_db


def put_down() -> dict[str, tuple[float, dict]]:
    return {
        sample.name: (sample.value, sample.labels) for sample in Sample.objects.all()
    }


def table(rows: int, *faulty: str) -> bytes:
    """A table of good rows, and of rows whose first value is this."""
    lines = as_csv(simulate(rows + len(faulty))).decode().splitlines()
    for place, value in enumerate(faulty, 1):
        lines[place] = ",".join([value, *lines[place].split(",")[1:]])
    return "\n".join(lines).encode()


def test_a_batch_puts_down_its_rows_and_the_shares_of_rejects_and_of_nulls(
    champion, researcher
):
    start([stored("sky.csv", table(16, "", "NaN", "", "many"))], owner=researcher)
    batch = Batch.objects.get()
    assert (batch.state, batch.n_rows, batch.n_rejected) == (State.SUCCESS, 20, 4)
    upload = {"source": "upload"}
    assert put_down() == {
        "batch.rows": (20, upload),
        "batch.reject_share": (0.2, upload),
        "batch.null_share": (0.15, upload),
    }


def test_a_batch_without_a_usable_row_is_all_rejects(champion, researcher):
    start([stored("sky.csv", table(0, "", "many"))], owner=researcher)
    assert Batch.objects.get().state == State.FAILED
    told = {name: value for name, (value, _) in put_down().items()}
    assert told == {
        "batch.rows": 2,
        "batch.reject_share": 1,
        "batch.null_share": 0.5,
    }


def test_a_batch_whose_rejects_cannot_be_read_is_scored_and_says_nothing_of_nulls(
    champion, researcher, monkeypatch
):
    start([stored("sky.csv", table(8, "many"))], owner=researcher)
    batch = Batch.objects.get()
    (batch.folder / batch.chunks.get().rejects).unlink()
    assert figures.n_null(batch) is None
    Sample.objects.all().delete()
    figures.put(batch, None)
    assert sorted(put_down()) == ["batch.reject_share", "batch.rows"]


def test_scores_are_counted_by_who_asked(champion, researcher):
    start([stored("sky.csv", table(16, "many"))], owner=researcher)
    values = dict(zip(FEATURES, map(float, simulate(1)[0]), strict=True))
    classify_case(values, by=researcher)
    tally.flush()
    rows = Tally.objects.filter(name="inference_rows").order_by("labels")
    number = champion.number
    assert list(rows.values_list("labels", "value")) == [
        (f'{{"model": "pulsar", "source": "cases", "version": "{number}"}}', 1),
        (f'{{"model": "pulsar", "source": "upload", "version": "{number}"}}', 16),
    ]
