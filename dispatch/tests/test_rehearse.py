"""A schedule is tried without a trace."""

import hashlib
import zipfile
from pathlib import Path

import pytest
from django.apps import apps

from dispatch import sources
from dispatch.errors import DispatchError
from dispatch.rehearse import rehearse
from dispatch.tests.conftest import arrive
from pulsar_ml.cases import CASES
from pulsar_ml.features import FEATURES
from showroom.tests.conftest import as_csv, simulate

pytestmark = pytest.mark.django_db


def everything(storage: Path) -> tuple[dict[str, int], dict[str, str]]:
    """How many rows each table has, and what each file of the storage holds."""
    rows = {
        model._meta.label: model._default_manager.count() for model in apps.get_models()
    }
    files = {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in storage.rglob("*")
        if path.is_file()
    }
    return rows, files


@pytest.fixture
def over(folder, champion):
    """A source over the folder."""

    def make(**values: object):
        settings = {"kind": "folder", "folder": str(folder), "settle_seconds": 0}
        return sources.of(settings | values)

    return make


def test_ten_rows_are_scored_and_nothing_is_written(over, champion, storage):
    before = everything(storage)
    found = rehearse(over(), "pulsar@champion")

    assert everything(storage) == before
    assert found.version == champion
    assert [row["name"] for row in found.rows] == [f"sky.csv:{n}" for n in range(1, 11)]
    assert [row["predicted"] for row in found.rows] == [0] * 9 + [1]
    for row, values in zip(found.rows, simulate(40).tolist(), strict=False):
        assert [row[name] for name in FEATURES] == pytest.approx(values)
        assert 0 <= row["probability"] <= 1
        assert isinstance(row["warnings"], str)
    assert (found.files, found.waiting, found.rejects) == (["sky.csv"], [], [])


def test_an_archive_leaves_no_trace_either(over, champion, folder, storage):
    (folder / "sky.csv").unlink()
    with zipfile.ZipFile(folder / "night.zip", "w") as archive:
        archive.writestr("a.csv", as_csv(simulate(4)))
        archive.writestr("b.csv", as_csv(simulate(20, seed=1)))
    before = everything(storage)
    found = rehearse(over(), "champion")

    assert everything(storage) == before
    assert len(found.rows) == 10
    assert found.files == ["night.zip"]


def test_a_raw_candidate_is_scored_too(over, champion, folder):
    (folder / "sky.csv").unlink()
    (folder / "a.phcx.gz").write_bytes(CASES[0].phcx())
    found = rehearse(over(), "pulsar/1")

    assert found.files == ["a.phcx.gz"]
    (row,) = found.rows
    assert 0 <= row["probability"] <= 1


def test_rejects_remarks_and_what_waits_are_told(over, champion, folder):
    lines = as_csv(simulate(12)).splitlines()
    lines[2] = b"none," * 7 + b"none"
    (folder / "sky.csv").write_bytes(b"\n".join(lines))
    (folder / "empty.csv").touch()
    found = rehearse(over(), "champion")

    assert len(found.rows) == 9
    assert [(reject.row, reject.file) for reject in found.rejects] == [(2, "sky.csv")]
    assert found.waiting == ["empty.csv"]
    assert "Empty so far, so it waits: empty.csv." in found.notes


def test_rows_of_several_files_make_up_the_number(over, champion, folder):
    (folder / "sky.csv").unlink()
    for place in range(8):
        arrive(folder, f"{place}.csv", rows=4, seed=place)
    found = rehearse(over(), "champion")

    assert (len(found.rows), len(found.files)) == (10, 3)


def test_where_nothing_is_there_nothing_is_scored(over, champion, folder):
    (folder / "sky.csv").unlink()
    found = rehearse(over(), "champion")

    assert found == (champion, [], [], [], [], [])


@pytest.mark.parametrize(
    ("values", "reference", "words"),
    [
        ({"folder": "/etc"}, "champion", "is not under an allowed folder"),
        ({}, "pulsar/99", "There is no version pulsar/99."),
        ({}, "what is this", "is no reference"),
    ],
)
def test_what_cannot_be_tried_says_why(over, champion, values, reference, words):
    with pytest.raises(DispatchError, match=words):
        rehearse(over(**values), reference)
