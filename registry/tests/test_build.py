"""A build ends once: as a dataset, a failure or a cancellation, whatever comes."""

import errno
import os
import threading
from datetime import timedelta

import numpy as np
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.utils.timezone import now

from monitor import room
from monitor.sweep import sweep
from monitor.work import State
from pulsar_ml.datasets import store
from pulsar_ml.datasets.holdout import in_holdout
from registry.datasets import keep, known, leftovers, rejects
from registry.datasets.build import build as work_on
from registry.datasets.cancel import cancel
from registry.models import Build, Dataset
from registry.tests.killed import CRASHED, killed_at
from registry.tests.tables import asked, ended, files, table, told

pytestmark = pytest.mark.django_db


def rows(dataset: Dataset) -> store.Labelled:
    return store.read(
        dataset.folder / store.ROWS,
        name=str(dataset),
        sha256=dataset.sha256,
        temp=settings.PULSAR.storage.root / "tmp",
    )


def test_a_table_becomes_a_dataset_and_nothing_else_is_left(tmp_path, storage):
    build = ended(asked(table(tmp_path / "sky.csv")))
    dataset = Dataset.objects.get()

    assert (build.state, build.dataset, build.n_rows, build.n_rejected) == (
        State.SUCCESS,
        dataset,
        40,
        0,
    )
    held = rows(dataset)
    assert (dataset.number, dataset.name, dataset.source) == (1, "sky.csv", "import")
    assert (dataset.n_rows, dataset.n_pulsars) == (40, held.pulsars) == (40, 4)
    assert dataset.n_holdout == int(held.holdout.sum())
    assert dataset.n_holdout_pulsars == int(held.labels[held.holdout].sum())
    assert held.holdout.tolist() == [in_holdout(group) for group in held.groups]
    assert dataset.recipe["files"][0]["name"] == "sky.csv"
    assert [column["name"] for column in dataset.columns][:3] == [
        "row",
        "name",
        "prof_mean",
    ]
    assert files(storage / "builds") == [f"{build.pk}/rejects.jsonl"]
    assert files(storage / "datasets") == [
        f"{dataset.sha256}/describe.json",
        f"{dataset.sha256}/rows.parquet",
    ]
    assert told("dataset.imported", "build.failed") == [
        ("dataset.imported", "dataset 1")
    ]


def test_the_same_rows_are_the_same_dataset(tmp_path):
    path = table(tmp_path / "sky.csv")
    first = ended(asked(path)).dataset
    twice = ended(asked(path.rename(tmp_path / "other name.csv")))

    assert twice.dataset == first
    assert twice.notes[0] == "These very rows are dataset 1 already."
    assert Dataset.objects.count() == 1


def test_while_an_earlier_dataset_is_damaged_no_other_is_made(tmp_path):
    path = table(tmp_path / "sky.csv")
    lying = ended(asked(path)).dataset.folder / store.ROWS
    for damage in (lambda: lying.write_bytes(b"broken"), lying.unlink):
        damage()
        build = ended(asked(path))
        assert build.state == State.FAILED
        assert build.reason.startswith("The rows of dataset 1 are not there as they ")
        assert str(lying) in build.reason


def test_a_folder_that_was_left_half_done_is_made_whole(tmp_path):
    path = table(tmp_path / "sky.csv")
    first = ended(asked(path)).dataset
    (first.folder / "describe.json").unlink()
    Dataset.objects.all().delete()
    again = ended(asked(path)).dataset

    assert again.sha256 == first.sha256
    assert files(again.folder) == ["describe.json", "rows.parquet"]


def test_a_candidate_stays_on_its_side_though_it_comes_without_its_pointing(tmp_path):
    path = table(tmp_path / "sky.csv", n=200)
    beside = path.with_name("sky_observations.csv")
    first = rows(ended(asked(path, beside)).dataset)
    bare = rows(ended(asked(path)).dataset)

    assert "" not in set(first.pointings)
    assert set(bare.pointings) == {""}
    assert bare.holdout.tolist() == first.holdout.tolist()
    alone = [in_holdout(group) for group in bare.groups]
    assert first.holdout.tolist() != alone


def test_the_lists_of_the_shipped_versions_overrule_all_others():
    shipped = known._shipped()
    held = [digest for digest, side in shipped.items() if side]
    assert (len(held), len(shipped)) == (3_458, 17_898)

    asked_for = np.array([held[0], "f" * 64])
    assert known.sides(asked_for, []) == {held[0]: True}


def test_what_cannot_be_used_is_kept_also_where_nothing_could(tmp_path):
    path = table(tmp_path / "sky.csv", n=3)
    lines = [line[:-1] + "maybe" for line in path.read_text().splitlines()[1:]]
    path.write_text(
        "\n".join([path.read_text().splitlines()[0], *lines, "=1,2"]) + "\n"
    )
    build = ended(asked(path))

    assert (build.state, build.n_rejected, build.dataset) == (State.FAILED, 4, None)
    assert build.reason.startswith(
        "No row of sky.csv can be used. sky.csv, line 2: class is no label: 0, 1, or"
    )
    assert [(r.row, r.line, r.value) for r in rejects.first(build, 9)] == [
        (1, 2, "maybe"),
        (2, 3, "maybe"),
        (3, 4, "maybe"),
        (4, 5, "=1,2"),
    ]
    assert "".join(rejects.lines(build)).splitlines()[-1] == (
        '4,sky.csv,5,,"\'=1,2",has 2 columns; the table has 9,'
    )
    assert told("build.failed") == [("build.failed", str(build))]


def test_a_table_that_calls_itself_htru2_must_have_its_counts(tmp_path):
    build = ended(asked(table(tmp_path / "HTRU_2.csv")))

    assert build.state == State.FAILED
    assert build.reason == (
        "HTRU_2.csv has 40 candidates; HTRU2 has 17,898. Name the file otherwise if "
        "it is a part of HTRU2."
    )


def test_one_that_waits_is_cancelled_at_once_and_one_at_work_at_its_next_beat(
    tmp_path, person
):
    admin = person("admin")
    waiting = asked(table(tmp_path / "sky.csv"))
    cancel(waiting, by=admin)
    waiting.refresh_from_db()
    assert (waiting.state, files(waiting.folder)) == (State.CANCELLED, [])
    assert ended(waiting).state == State.CANCELLED

    running = asked(tmp_path / "sky.csv")
    Build.objects.filter(pk=running.pk).update(cancel_requested=True)
    stopped = ended(running)
    assert (stopped.state, stopped.reason) == (
        State.CANCELLED,
        "Cancelled on request.",
    )
    assert Dataset.objects.count() == 0
    assert told("build.cancelled") == [
        ("build.cancelled", str(waiting)),
        ("build.cancelled", str(running)),
    ]


def test_on_a_full_disk_it_waits_and_begins_anew_when_there_is_room(
    tmp_path, reconfigured, monkeypatch
):
    build = asked(table(tmp_path / "sky.csv"))
    reconfigured("storage", reserve_bytes=room.free() + 2**30)
    waiting = ended(build)
    assert waiting.state == State.UP_FOR_RETRY
    assert waiting.reason.startswith("The disk is full: ")
    assert waiting.reason.endswith("It begins anew by itself when there is room.")
    assert sweep(Build, now() + timedelta(hours=1)) == []

    reconfigured("storage", reserve_bytes=0)
    assert sweep(Build, now() + timedelta(hours=1)) == [build]
    assert ended(build).state == State.SUCCESS


def test_a_disk_that_is_full_by_another_measure_ends_it_in_words(tmp_path, monkeypatch):
    def full(*_args: object, **_options: object) -> None:
        raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))

    monkeypatch.setattr(store, "write", full)
    build = asked(table(tmp_path / "sky.csv"))
    for _ in range(settings.PULSAR.scheduler.max_attempts):
        assert build.state in {State.QUEUED, State.UP_FOR_RETRY}
        Build.objects.filter(pk=build.pk).update(state=State.QUEUED)
        build = ended(build)
    assert build.state == State.FAILED
    assert build.reason.startswith("The disk is full: ")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "point", ["build.begun", "build.read", "build.made", "build.done"]
)
def test_a_worker_killed_anywhere_leaves_one_dataset_in_the_end(tmp_path, point):
    build = asked(table(tmp_path / "sky.csv"))
    assert killed_at(point, ended, build) == CRASHED
    Build.objects.filter(pk=build.pk).update(lease_until=now() - timedelta(seconds=1))
    assert sweep(Build) == [build]
    done = ended(build)

    assert (done.state, done.attempts) == (State.SUCCESS, 2)
    assert [dataset.n_rows for dataset in Dataset.objects.all()] == [40]
    assert files(done.folder) == ["rejects.jsonl"]
    assert told("dataset.imported") == [("dataset.imported", "dataset 1")]
    lying = settings.PULSAR.storage.root / "datasets"
    assert [path.name for path in lying.iterdir()] == [done.dataset.sha256]


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_two_builds_at_once_of_the_same_file_make_one_dataset(tmp_path):
    builds = [asked(table(tmp_path / "sky.csv")) for _ in range(2)]
    others = [asked(table(tmp_path / f"{n}.csv", seed=n)) for n in (1, 2)]
    _together(ended, *builds, *others)

    done = [Build.objects.get(pk=build.pk) for build in (*builds, *others)]
    assert {build.state for build in done} == {State.SUCCESS}
    assert done[0].dataset == done[1].dataset
    numbers = Dataset.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == [1, 2, 3]


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_of_two_workers_at_once_one_has_the_build(tmp_path):
    build = asked(table(tmp_path / "sky.csv"))
    _together(work_on, *(Build.objects.get(pk=build.pk) for _ in range(2)))

    build.refresh_from_db()
    assert (build.state, build.attempts) == (State.SUCCESS, 1)
    assert len(told("dataset.imported")) == 1


def _together(work, *builds: Build) -> None:
    def alone(build: Build) -> None:
        try:
            work(build)
        finally:
            connection.close()

    threads = [threading.Thread(target=alone, args=[build]) for build in builds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_dataset_that_came_in_between_is_asked_for_its_hold_out_too(
    tmp_path, monkeypatch
):
    path = table(tmp_path / "sky.csv", n=200)
    beside = path.with_name("sky_observations.csv")
    number, first = keep._number, []

    def numbered(*args: object) -> Dataset:
        if not first:
            first.append(True)
            # As by another process, in the moment before this one takes its number.
            first.append(ended(asked(path, beside)).dataset)
        return number(*args)

    monkeypatch.setattr(keep, "_number", numbered)
    bare = ended(asked(path)).dataset

    assert (first[1].number, bare.number) == (1, 2)
    assert rows(bare).holdout.tolist() == rows(first[1]).holdout.tolist()


def test_the_sweep_sends_again_and_takes_what_nobody_names(tmp_path, storage, capsys):
    lost = asked(table(tmp_path / "sky.csv"))
    Build.objects.filter(pk=lost.pk).update(sent_at=now() - timedelta(hours=1))
    dead = asked(tmp_path / "sky.csv")
    Build.objects.filter(pk=dead.pk).update(state=State.FAILED)
    left = ("builds/.coming-1", f"datasets/{'a' * 64}", f"models/.{'b' * 64}.draft")
    for name in (*left, "datasets/kept by hand"):
        (storage / name).mkdir(parents=True)
    call_command("sweep_registry")
    assert f"sent {lost} again" in capsys.readouterr().out
    assert files(dead.folder) == []

    gone = leftovers.remove(now() + timedelta(days=2))
    assert sorted(path.name for path in gone) == [
        f".{'b' * 64}.draft",
        ".coming-1",
        "a" * 64,
    ]
    assert (storage / "datasets" / "kept by hand").exists()


def test_what_nobody_has_foreseen_is_told_on_its_page(tmp_path, monkeypatch, caplog):
    def wrong(*_: object, **__: object) -> None:
        raise KeyError("class")

    monkeypatch.setattr(known, "earlier", wrong)
    build = ended(asked(table(tmp_path / "sky.csv")))

    reason = "A fault of this site: KeyError: 'class'."
    assert (build.state, build.reason) == (State.FAILED, reason)
    assert "Nobody has foreseen this in" in caplog.text
    assert told("build.failed") == [("build.failed", str(build))]


def test_a_build_that_memory_does_not_suffice_for_says_so(tmp_path, monkeypatch):
    def lacking(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(known, "earlier", lacking)
    build = ended(asked(table(tmp_path / "sky.csv")))

    reason = "The machine has too little memory for it."
    assert (build.state, build.reason) == (State.FAILED, reason)
