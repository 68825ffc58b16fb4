"""New labels given out: each once, whole or not at all, wherever it is killed."""

import csv
import errno
import hashlib
import json
import os
import threading
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils.timezone import now

from monitor.sweep import sweep
from monitor.work import State
from pulsar_ml import parquet
from pulsar_ml.datasets.holdout import in_holdout
from pulsar_ml.features import FEATURES
from registry.datasets import leftovers
from registry.exports import work as working
from registry.exports import write
from registry.exports.ask import NothingToExport, ask
from registry.exports.cancel import cancel
from registry.exports.columns import COLUMNS
from registry.exports.new import new
from registry.labels.withdraw import restore, withdraw
from registry.models import Build, Export, Exported, Label
from registry.tests.exporting import AT, asked, given, label, model, worked
from registry.tests.killed import CRASHED, killed_at
from registry.tests.labels import digest, events, features
from registry.tests.tables import files

pytestmark = pytest.mark.django_db

FILES = ["gone.csv", "labels.csv", "labels.parquet", "manifest.json"]


def test_its_files_hold_every_label_and_say_what_they_are(person, storage):
    ana = person("researcher", "ana")
    label(1, ana, batch=12, row=7, name="=1+1", survey="HTRU-S")
    label(2, None, "RFI", drawn="import", pointing="2008-11-24T06:37:34Z")
    export = worked(asked())

    assert (export.state, export.open, export.reason) == (State.SUCCESS, None, "")
    place = storage / "exports" / "pulsar" / "1"
    assert files(place) == FILES
    with (place / "labels.csv").open(newline="") as stream:
        first, second = csv.DictReader(stream)
    one, two = given(export)
    assert first == {
        "label": str(one),
        "expected": "1",
        "word": "T1_CAND",
        "at": "2026-11-20T12:01:00Z",
        "by": str(ana.pk),
        "origin": "api",
        "batch": "12",
        "row": "7",
        "name": "'=1+1",
        "hash": digest(1),
        **dict(zip(FEATURES, map(repr, features(1)), strict=True)),
        "survey": "HTRU-S",
        "pointing": "",
        "holdout": str(int(in_holdout(digest(1)))),
    }
    assert (second["expected"], second["by"], second["batch"]) == ("0", "", "")
    assert second["holdout"] == str(int(in_holdout("2008-11-24T06:37:34Z")))
    with parquet.connection(storage / "tmp") as opened:
        found = opened.execute(
            'select * replace (epoch_us("at") as "at")'
            f" from {parquet.scan([place / 'labels.parquet'])}"
        )
        assert [column[0] for column in found.description] == list(COLUMNS)
        rows = [dict(zip(COLUMNS, row, strict=True)) for row in found.fetchall()]
    assert [row["label"] for row in rows] == [one, two]
    assert rows[0]["at"] == (AT + timedelta(minutes=1)).timestamp() * 1_000_000
    assert [rows[0][name] for name in FEATURES] == features(1)
    assert (rows[1]["by"], rows[1]["batch"], rows[1]["expected"]) == (None, None, 0)


def test_its_manifest_tells_hashes_counts_and_whence_they_are(person, storage):
    ana = person("admin", "ana")
    label(1, ana)
    label(2, ana, "RFI", drawn="queue")
    export = worked(ask(model(), by=ana).export)
    place = storage / "exports" / "pulsar" / "1"
    one, two = given(export)
    assert json.loads((place / "manifest.json").read_text()) == export.manifest
    columns = export.manifest.pop("columns")
    assert columns == COLUMNS
    assert export.manifest == {
        "model": "pulsar",
        "export": 1,
        "asked_at": export.created_at.isoformat(),
        "labels": 2,
        "pulsars": 1,
        "holdout": sum(in_holdout(digest(n)) for n in (1, 2)),
        "gone": 0,
        "by_origin": {"api": 1, "queue": 1},
        "by_word": {"RFI": 1, "T1_CAND": 1},
        "first": {"label": one, "at": "2026-11-20T12:01:00+00:00"},
        "last": {"label": two, "at": "2026-11-20T12:02:00+00:00"},
        "files": {
            name: {
                "sha256": hashlib.sha256((place / name).read_bytes()).hexdigest(),
                "size": (place / name).stat().st_size,
            }
            for name in FILES[:-1]
        },
    }
    [(_, about, who, detail)] = events("export.made")
    assert (about, who) == ("export pulsar/1", str(ana.pk))
    assert (detail["labels"], detail["pulsars"]) == (2, 1)


def test_each_label_is_given_out_once(person):
    first = [label(n).pk for n in (1, 2)]
    gone = label(3, current=None)
    assert given(worked(asked())) == first
    second = label(4).pk
    assert given(worked(asked())) == [second]
    # What was brought back, or only now holds, is new however old it is.
    restore(gone, by=person("admin"))
    assert given(worked(asked())) == [gone.pk]
    assert list(Export.objects.values_list("number", flat=True)) == [1, 2, 3]


def test_of_another_model_everything_is_new():
    label(1)
    worked(asked())
    other = type(model()).objects.create(name="other")
    assert not new(model()).exists()
    assert new(other).count() == 1


def test_what_was_given_out_and_holds_no_more_is_told_each_time(person, storage):
    ana, admin = person("researcher", "ana"), person("admin")
    taken, back = label(1, ana), label(2)
    label(3, current=None)  # was never given out
    worked(asked())
    for one in (taken, back):
        withdraw(one, by=admin)
    told = []
    for number in (2, 3):
        label(10 * number)
        export = worked(asked())
        text = (export.folder / "gone.csv").read_text()
        told.append((export.manifest["gone"], text.splitlines()))
        restore(back, by=admin)
    heading, first = "label,hash,by", f"{taken.pk},{digest(1)},{ana.pk}"
    assert told == [
        (2, [heading, first, f"{back.pk},{digest(2)},"]),
        (1, [heading, first]),
    ]


def test_what_is_withdrawn_or_restored_alone_makes_an_export_of_no_label(
    person, storage
):
    admin, one = person("admin"), label(1)
    worked(asked())
    told = []
    for change in (withdraw, restore):
        assert change(one, by=admin)
        done = worked(asked())
        assert (done.state, given(done)) == (State.SUCCESS, [])
        names = ("labels", "gone", "first", "last", "by_word")
        n_gone = 1 if change is withdraw else 0
        assert [done.manifest[name] for name in names] == [0, n_gone, None, None, {}]
        table = (done.folder / "labels.csv").read_text()
        assert table.splitlines() == [",".join(COLUMNS)]
        told.append((done.folder / "gone.csv").read_text().splitlines())
        again = ask(model(), by=None)
        assert (again.export, again.is_coming) == (done, False)
    assert told == [["label,hash,by", f"{one.pk},{digest(1)},"], ["label,hash,by"]]
    with parquet.connection(storage / "tmp") as opened:
        rows = parquet.scan([done.folder / "labels.parquet"])
        assert opened.execute(f"select count(*) from {rows}").fetchall() == [(0,)]
        types = opened.execute(f"describe from {rows}").fetchall()
    assert {name: kind.lower() for name, kind, *_ in types} == COLUMNS


def test_what_is_withdrawn_while_it_is_written_is_told_by_the_same_export(
    person, monkeypatch
):
    admin, kept, taken = person("admin"), label(1), label(2)

    def late(*args):
        withdraw(taken, by=admin)
        return write.write(*args)

    monkeypatch.setattr(working, "write", late)
    done = worked(asked())
    assert given(done) == [kept.pk, taken.pk]
    assert (done.folder / "gone.csv").read_text().splitlines() == [
        "label,hash,by",
        f"{taken.pk},{digest(2)},",
    ]
    assert not ask(model(), by=None).is_coming


def landed(n: int, person) -> Label:
    """One of a file that has landed, and that is not in its place yet."""
    build = Build.objects.create(
        kind=Build.Kind.LABELS, state=State.SUCCESS, finished_at=now(), n_of=1
    )
    return label(n, person, "RFI", build=build, current=None, coming=True)


def test_what_a_file_has_replaced_is_told_before_all_is_in_its_place(person):
    ana = person("researcher", "ana")
    before = label(1, ana)
    worked(asked())
    label(2)
    waiting = asked()
    after = landed(1, ana)
    export = worked(waiting)
    assert after.pk in given(export)
    told = (export.folder / "gone.csv").read_text().splitlines()
    assert told == ["label,hash,by", f"{before.pk},{digest(1)},{ana.pk}"]


def test_what_landed_while_labels_were_chosen_is_told_by_the_next(person):
    ana = person("researcher", "ana")
    before = label(1, ana)
    done = worked(asked())
    done.exported.create(label=landed(1, ana))
    export = worked(asked())
    assert given(export) == []
    told = (export.folder / "gone.csv").read_text().splitlines()
    assert told == ["label,hash,by", f"{before.pk},{digest(1)},{ana.pk}"]


def test_labels_of_a_blind_batch_wait_until_all_may_see_them():
    hidden = label(1, blind=True)
    with pytest.raises(NothingToExport, match="There is no label to give out yet"):
        asked()
    shown = label(2)
    assert given(worked(asked())) == [shown.pk]
    assert not ask(model(), by=None).is_coming
    Label.objects.update(blind=False)
    assert given(worked(asked())) == [hidden.pk]


def test_where_nothing_is_new_the_last_one_is_given_in_words():
    with pytest.raises(NothingToExport, match="There is no label to give out yet"):
        asked()
    label(1)
    done = worked(asked())
    again = ask(model(), by=None)
    assert (again.export, again.is_coming) == (done, False)
    assert again.note == "No label is new, withdrawn or restored since export pulsar/1."


def test_one_that_is_under_way_is_given_instead_of_another():
    label(1)
    first = asked()
    again = ask(model(), by=None)
    assert (again.export, again.is_coming) == (first, True)
    assert again.note == "It is being made already."


def test_what_is_withdrawn_meanwhile_is_not_given_out(person):
    kept = label(1)
    taken = label(2)
    export = asked()
    withdraw(taken, by=person("admin"))
    assert given(worked(export)) == [kept.pk]
    label_of_nothing = label(3)
    empty = asked()
    withdraw(label_of_nothing, by=person("admin", "eve"))
    failed = worked(empty)
    assert (failed.state, failed.open) == (State.FAILED, None)
    assert failed.reason == "No label is new, withdrawn or restored any more."


def test_what_is_restored_before_it_was_told_needs_no_export(person):
    admin, one = person("admin"), label(1)
    worked(asked())
    withdraw(one, by=admin)
    waiting = asked()
    restore(one, by=admin)
    failed = worked(waiting)
    assert (failed.state, failed.reason) == (
        State.FAILED,
        "No label is new, withdrawn or restored any more.",
    )


def test_more_labels_than_one_part_holds_are_in_order(monkeypatch, storage):
    monkeypatch.setattr(write, "_AT_ONCE", 2)
    expected = [label(n).pk for n in range(5)]
    worked(asked())
    place = storage / "exports" / "pulsar" / "1"
    with (place / "labels.csv").open(newline="") as stream:
        assert [int(row["label"]) for row in csv.DictReader(stream)] == expected
    with parquet.connection(storage / "tmp") as opened:
        asked_for = f"select label from {parquet.scan([place / 'labels.parquet'])}"
        found = opened.execute(asked_for).fetchall()
    assert [number for (number,) in found] == expected


def test_a_disk_that_refuses_ends_it_and_the_labels_come_with_the_next(monkeypatch):
    def refuse(*_args: object, **_options: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    expected = [label(1).pk]
    with monkeypatch.context() as patched:
        patched.setattr(parquet, "describe", refuse)
        failed = worked(asked())
    assert failed.state == State.FAILED
    assert failed.reason == ("The storage of the site refused: Read-only file system.")
    assert not Exported.objects.exists()
    assert not failed.folder.exists()
    [(_, about, _, detail)] = events("export.failed")
    assert (about, detail) == ("export pulsar/1", {"reason": failed.reason})
    done = worked(asked())
    assert (done.number, given(done)) == (2, expected)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("point", ["export.chosen", "export.written", "export.placed"])
def test_killed_anywhere_it_is_whole_in_the_end_or_was_never_there(storage, point):
    expected = [label(n).pk for n in (1, 2)]
    export = asked()
    assert killed_at(point, worked, export) == CRASHED
    assert new(model()).count() == 2
    expected.append(label(3).pk)
    Export.objects.update(lease_until=now() - timedelta(seconds=1))
    assert sweep(Export) == [export]
    done = worked(export)

    assert (done.state, done.attempts, done.number) == (State.SUCCESS, 2, 1)
    assert given(done) == expected
    assert files(storage / "exports") == [f"pulsar/1/{name}" for name in FILES]
    for name, told in done.manifest["files"].items():
        assert parquet.digest(done.folder / name) == told["sha256"]


def test_what_a_worker_left_half_done_goes_after_a_day(storage):
    left = storage / "exports" / "pulsar" / ".writing-7-x"
    left.mkdir(parents=True)
    assert leftovers.remove(now()) == []
    assert leftovers.remove(now() + timedelta(days=2)) == [left]
    assert not left.exists()


def died(export: Export, **values) -> Export:
    """It, as a worker left it that died when its files were in their place."""
    export.folder.mkdir(parents=True)
    (export.folder / "labels.csv").touch()
    export.exported.create(label=label(export.pk))
    Export.objects.filter(pk=export.pk).update(**values)
    return Export.objects.select_related("model").get(pk=export.pk)


def test_one_that_is_cancelled_after_its_worker_died_leaves_nothing(storage):
    label(1)
    export = died(asked())
    cancel(export, by=None)
    assert not Exported.objects.exists()
    assert not files(storage / "exports")


@pytest.mark.parametrize(
    ("values", "event"),
    [
        ({"cancel_requested": True}, "export.cancelled"),
        ({"attempts": 99}, "export.failed"),
    ],
)
def test_one_that_the_sweep_gives_up_leaves_nothing(storage, values, event):
    label(0)
    kept = worked(asked())
    late = now() - timedelta(seconds=1)
    label(1)
    died(asked(), state=State.RUNNING, lease_until=late, **values)
    assert sweep(Export) == []
    [(_, about, *_)] = events("export.cancelled", "export.failed")
    [_] = events(event)
    assert about == "export pulsar/2"
    leftovers.remove(now())
    assert files(storage / "exports") == [f"pulsar/1/{name}" for name in FILES]
    assert list(Exported.objects.values_list("export", flat=True)) == [kept.pk]


def test_of_one_that_has_failed_neither_files_nor_rows_alone_stay(storage):
    failed = {"state": State.FAILED, "open": None}
    chosen = Export.objects.create(model=model(), number=1, **failed)
    chosen.exported.create(label=label(1))
    placed = Export.objects.create(model=model(), number=2, **failed)
    placed.folder.mkdir(parents=True)
    leftovers.remove(now())
    assert not Exported.objects.exists()
    assert list((storage / "exports" / "pulsar").iterdir()) == []


def test_the_sweep_sends_what_was_lost(capsys):
    label(1)
    export = asked()
    Export.objects.update(sent_at=now() - timedelta(hours=1))
    call_command("sweep_registry")
    assert f"sent {export} again" in capsys.readouterr().out


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_two_who_ask_at_once_get_the_same_export():
    label(1)
    found = []

    def one() -> None:
        found.append(ask(model(), by=None).export.pk)
        connection.close()

    model()
    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [Export.objects.get().pk] * 3


@pytest.mark.engines
def test_the_database_lets_one_be_under_way():
    Export.objects.create(model=model(), number=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Export.objects.create(model=model(), number=2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Export.objects.create(model=model(), number=1, open=None)
    Export.objects.create(model=model(), number=2, open=None)
