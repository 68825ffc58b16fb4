"""A dataset of the registry for each run over a table with labels."""

import pytest

from dispatch import sinks, sources
from dispatch.errors import DispatchError, NoRoom
from dispatch.models import Run
from dispatch.sinks import dataset as making
from dispatch.tests.conftest import begin, go
from dispatch.tests.survey import LABELLED, SOURCE, TABLE, survey
from monitor import claims
from monitor.work import Cancelled, State
from pulsarsite.tests import forked
from pulsarsite.tests.engines import Engine
from registry import serving
from registry.models import Build, Dataset
from registry.tests.connected import connected
from registry.tests.killed import CRASHED, killed_at

pytestmark = pytest.mark.django_db
SINK = {"kind": "dataset", "name": "Survey"}


@pytest.fixture(autouse=True)
def quick():
    """Children that need not start Python."""
    with forked.children():
        yield


@pytest.fixture
def engine(tmp_path):
    """A database with thirty labelled candidates."""
    made = Engine("sqlite", tmp_path)
    survey(made)
    return made


@pytest.fixture
def labelled(schedule_over, settings, engine):
    """A schedule over them that makes datasets."""
    connected(settings, engine)
    return schedule_over(source=LABELLED, sink=SINK)


def told() -> list[tuple]:
    """Each dataset with its rows and pulsars, the oldest first."""
    found = Dataset.objects.order_by("number")
    return list(found.values_list("number", "n_rows", "n_pulsars", "n_rejected"))


def test_the_labelled_rows_of_a_run_are_a_dataset(labelled, admin):
    run = go(begin(labelled))

    assert run.reason == ""
    (dataset,) = Dataset.objects.all()
    assert told() == [(1, 27, 6, 3)]
    assert dataset.name == f"Survey, {run.created_at:%Y-%m-%d %H:%M} UTC"
    assert dataset.created_by == admin
    assert {"kind": "table", **dataset.recipe["table"]} == LABELLED | {
        "select": "",
        "mark": "",
        "keep": [],
    }
    assert [file["name"] for file in dataset.recipe["files"]] == [
        f"{TABLE}, keys 1 to 30"
    ]
    assert run.output == {
        "dataset": 1,
        "rows": 27,
        "pulsars": 6,
        "rejected": 3,
        "note": "",
    }


def test_what_is_new_is_the_next_dataset_and_the_same_rows_are_the_same(
    labelled, engine
):
    go(begin(labelled))
    survey(engine, rows=9, first=31)
    go(begin(labelled))
    labelled.source = labelled.source | {"every": "all"}
    labelled.save(update_fields=["source"])
    both = go(begin(labelled))
    again = go(begin(labelled))

    assert told() == [(1, 27, 6, 3), (2, 9, 2, 0), (3, 36, 8, 3)]
    assert both.output["dataset"] == again.output["dataset"] == 3
    assert again.output["note"] == "These very rows are dataset 3 already."


@pytest.mark.parametrize("point", ["sink.asked", "build.read", "build.made"])
@pytest.mark.django_db(transaction=True)
def test_cut_off_it_makes_its_dataset_once(labelled, point):
    run = begin(labelled)
    assert killed_at(point, go, run) == CRASHED
    Build.objects.update(state=State.QUEUED, holder="", lease_until=None)
    Run.objects.update(state=State.QUEUED, holder="", lease_until=None, place=None)
    run = go(run)

    assert (run.state, run.output["dataset"]) == ("success", 1)
    assert (told(), Build.objects.count()) == ([(1, 27, 6, 3)], 1)


def test_a_cancelled_run_cancels_what_it_has_asked_for(labelled, monkeypatch):
    build = making.build

    def cancelled(asked, stopping):
        Run.objects.update(cancel_requested=True)
        build(asked, stopping)

    monkeypatch.setattr(making, "build", cancelled)
    monkeypatch.setattr("monitor.beat.time.monotonic", iter(range(10**6)).__next__)
    run = go(begin(labelled))

    assert (run.state, Build.objects.get().state) == ("cancelled", "cancelled")
    assert told() == []


def test_what_a_worker_has_is_waited_for(labelled, monkeypatch):
    monkeypatch.setattr(making, "_LOOK_SECONDS", 0)
    looked, build = [], making.build

    def by_another(asked, stopping):
        looked.append(True)
        if len(looked) == 1:
            assert claims.claim(Build.objects.get(pk=asked.pk))
        else:
            Build.objects.update(state=State.QUEUED)
            build(asked, stopping)

    monkeypatch.setattr(making, "build", by_another)
    run = go(begin(labelled))

    assert (run.state, len(looked)) == ("success", 2)


@pytest.mark.parametrize(
    ("state", "reason", "error", "words"),
    [
        ("failed", "No row can be used.", DispatchError, "No dataset was made: No row"),
        ("up_for_retry", "The disk is full.", NoRoom, "The disk is full."),
    ],
)
def test_a_build_that_comes_to_nothing_says_why(
    labelled, monkeypatch, state, reason, error, words
):
    def ends(asked, stopping):
        Build.objects.update(state=state, reason=reason)

    monkeypatch.setattr(making, "build", ends)
    run = begin(labelled)
    claims.claim(run)
    run.version = serving.find("pulsar@champion")
    run.save(update_fields=["version"])
    sources.of(labelled.source).collect(run, lambda: None)
    with pytest.raises(error, match=words):
        sinks.of(SINK).persist(run, lambda: None)
    assert Run.objects.get().output == {"build": Build.objects.get().pk}


def test_it_needs_a_table_with_labels(schedule_over, folder):
    sink = sinks.of({"kind": "dataset"})
    files = sources.of({"kind": "folder", "folder": str(folder)})

    assert sink.check() == sink.check(sources.of(LABELLED)) == []
    assert sink.check(files) == [
        "A dataset is made of a table of a database: read from one."
    ]
    assert sink.check(sources.of(SOURCE)) == [
        "A dataset needs labels: say which column of the table has them."
    ]
    assert sink.words() == "a dataset of the registry for each run"
    assert sinks.of(SINK).words() == "a dataset “Survey” of the registry for each run"


def test_a_run_that_read_nothing_makes_none(labelled, engine):
    engine.execute(f"DELETE FROM {TABLE}")
    run = go(begin(labelled))

    assert (run.state, run.output, told()) == ("success", {}, [])


def test_stopped_from_outside_is_told_on(labelled):
    def stop():
        raise Cancelled("Cancelled on request.")

    run = begin(labelled)
    claims.claim(run)
    run.version = serving.find("pulsar@champion")
    sources.of(labelled.source).collect(run, lambda: None)
    with pytest.raises(Cancelled):
        sinks.of(SINK).persist(run, stop)
