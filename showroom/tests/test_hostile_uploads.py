"""More than a thousand hostile files are dropped on the Showroom; each is answered."""

import csv
import io
import re
import tempfile

import pytest

from monitor.work import State
from pulsar_ml.tests.test_archive import zipped
from showroom.classify import classify
from showroom.models import Batch, BatchFile
from showroom.tests import hostile
from showroom.tests.hostile_sound import SOUND, row, table
from showroom.tests.watched import files_below, held_open, within_limits

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# So many files go into one batch: each is answered for itself, and in a tenth of the
# time that as many batches would take.
_AT_ONCE = 48
# One of ours stands behind them: what they hold does no harm to it.
_OURS = ("ours.csv", SOUND["csv"])
_FORMULA = re.compile(r"[=+@\t\r]|-[^0-9.]")
# Without a name there is no file in a form.
_NAMELESS = {"..", ".", "x.csv/"}
# What a browser may write before a file in a form; Django reads a kibibyte.
_LONGEST_NAME = 900


@pytest.fixture
def aside(tmp_path, monkeypatch):
    """The system's folder for temporary files."""
    folder = tmp_path / "aside"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def send(ana, champion):
    """Bring files by the door of the page; large ones are done as by a worker."""

    def brought(*files: tuple[str, bytes]) -> Batch:
        body = hostile.form(files)
        answer = ana.post("/showroom/", body, content_type=hostile.FORM)
        assert answer.status_code == 302, answer.content.decode()
        batch = Batch.objects.newest().first()
        assert answer.url == batch.get_absolute_url()
        if batch.state == State.QUEUED:
            classify(batch)
            batch.refresh_from_db()
        return batch

    return brought


@pytest.fixture
def rejected(ana, storage):
    """Every reject of a batch, by file; its pages open, and tell nothing of ours."""

    def told(batch: Batch) -> dict[str, list[str]]:
        page = ana.get(batch.get_absolute_url())
        lines = ana.get(f"{batch.get_absolute_url()}rejects.csv")
        assert (page.status_code, lines.status_code) == (200, 200)
        text = b"".join(lines.streaming_content).decode()
        for shown in (page.content.decode(), text):
            for secret in (str(storage), "site-packages", "Traceback", "root:x:0"):
                assert secret not in shown
        found: dict[str, list[str]] = {}
        for line in csv.DictReader(io.StringIO(text)):
            assert line["reason"].strip()
            found.setdefault(line["file"].partition("!")[0], []).append(line["reason"])
        return found

    return told


def test_there_are_more_than_a_thousand_and_no_two_are_the_same():
    files = [bad for name in hostile.CATEGORIES for bad in hostile.category(name)]

    assert len(set(files)) == len(files) > 1_000


@pytest.mark.parametrize("category", hostile.CATEGORIES)
def test_each_hostile_file_is_answered_in_words(
    category, send, rejected, reconfigured, storage, aside, caplog
):
    files = [bad for bad in hostile.category(category) if _is_nameable(bad.name)]
    # A name of ours before its own, by which its rejects are found again.
    ours = [f"{place} {bad.name}" for place, bad in enumerate(files)]
    is_named = category in {"names", "formulas"}
    named = [
        bad.name if is_named else name for bad, name in zip(files, ours, strict=True)
    ]
    alone, *others = zip(named, files, strict=True)
    for group in ([alone], *_groups(others)):
        sent = [(name, bad.content) for name, bad in group]
        with within_limits(group[0][0]):
            batch = send(*sent, *[_OURS] * (len(group) > 1))
        found = rejected(batch)
        _is_answered(batch, group, found)
        # The first was read in its request. The others need not be counted before.
        reconfigured("showroom", inline_rows=0)
    # What no reader names itself would be logged.
    assert "A reader failed" not in caplog.text
    _nothing_is_left(storage, aside)


def _is_nameable(name):
    return name not in _NAMELESS and len(name.encode()) < _LONGEST_NAME


def _groups(files):
    return [files[at : at + _AT_ONCE] for at in range(0, len(files), _AT_ONCE)]


def _is_answered(batch, group, found):
    assert batch.state == (State.SUCCESS if batch.n_scored else State.FAILED)
    if len(group) > 1:
        assert batch.n_scored >= 20, batch.reason
    for name, bad in group:
        reasons = [
            r for file, rs in found.items() if file.startswith(name[:60]) for r in rs
        ]
        said = bad.says is None or any(
            re.search(bad.says, reason) for reason in reasons
        )
        assert said, (name, bad.says, reasons[:3])


def _nothing_is_left(storage, aside):
    kept = set(BatchFile.objects.values_list("sha256", flat=True))
    batches = {f"{number}" for number in Batch.objects.values_list("pk", flat=True)}
    there = files_below(storage)
    assert {path for path in there if path.startswith("uploads/")} == {
        f"uploads/{sha256}" for sha256 in kept
    }
    for path in there:
        assert not path.endswith((".upload", ".tmp")), path
    assert not {path for path in there if path.startswith("tmp/")}, batches
    assert files_below(aside) == set()
    assert held_open(storage) | held_open(aside) == set()


def test_no_formula_comes_out_as_one(ana, send):
    files = [bad for bad in hostile.category("formulas") if bad.name not in _NAMELESS]
    batch = send(*((bad.name, bad.content) for bad in files))
    for address in ("scores.csv", "rejects.csv"):
        answer = ana.get(f"{batch.get_absolute_url()}{address}")
        text = b"".join(answer.streaming_content).decode()
        cells = [
            cell for line in csv.reader(io.StringIO(text, newline="")) for cell in line
        ]
        assert [cell for cell in cells if _FORMULA.match(cell)] == []
        assert any(cell.startswith("'") for cell in cells)


@pytest.mark.parametrize("name", sorted(_NAMELESS))
def test_a_file_without_a_name_is_no_file(ana, champion, name):
    body = hostile.form([(name, table([row()]))])
    answer = ana.post("/showroom/", body, content_type=hostile.FORM)

    assert answer.status_code == 422
    assert "Choose at least one file." in answer.content.decode()


def test_a_name_that_is_longer_than_any_is_refused_with_a_page(ana, champion):
    names = [bad.name for bad in hostile.category("names")]
    long = [name for name in names if len(name.encode()) >= _LONGEST_NAME]
    for name in long:
        body = hostile.form([(name, table([row()]))])
        answer = ana.post("/showroom/", body, content_type=hostile.FORM)
        assert answer.status_code == 400
        assert "<h1>" in answer.content.decode()
    assert len(long) == 3
    assert not Batch.objects.exists()


def test_a_body_that_ends_early_or_has_no_edges_is_answered(ana, champion, storage):
    whole = hostile.form([_OURS])
    for body in (whole[:40], whole[:-30], whole.replace(b"--edge", b"--other"), b""):
        answer = ana.post("/showroom/", body, content_type=hostile.FORM)
        assert answer.status_code in {302, 400, 422}
    assert {p for p in files_below(storage) if p.endswith(".upload")} == set()


def test_ten_thousand_files_in_one_form_are_too_many(ana, champion, storage):
    body = hostile.form((f"{n}.csv", b"a\n") for n in range(10_000))
    answer = ana.post("/showroom/", body, content_type=hostile.FORM)

    assert answer.status_code == 400
    assert "more than 1000 files" in answer.content.decode()
    assert files_below(storage / "incoming") == set()


def test_a_request_unpacks_no_more_than_somebody_waits_for(ana, champion):
    # Each of them alone may hold this much.
    packed = [(f"{n}.zip", zipped({"a.csv": bytes(40 * 2**20)})) for n in range(2)]
    body = hostile.form(packed)
    ana.post("/showroom/", body, content_type=hostile.FORM)

    batch = Batch.objects.get()
    assert batch.state == State.QUEUED
    classify(batch)
    batch.refresh_from_db()
    assert (batch.state, batch.n_rejected) == (State.FAILED, 2)


def test_a_request_reads_no_file_that_is_large_whatever_it_holds(ana, champion):
    body = hostile.form([("a.csv", b"\n" * (33 * 2**20))])
    ana.post("/showroom/", body, content_type=hostile.FORM)

    assert Batch.objects.get().state == State.QUEUED
