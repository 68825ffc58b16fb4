"""Exports through the API: asked for, followed, fetched."""

import pytest

from registry.models import Export
from registry.tests.exporting import label, model, worked

pytestmark = pytest.mark.django_db

EXPORTS = "/api/v1/exports"


@pytest.fixture
def program(caller):
    model()
    return caller("admin", "eve")


def make(program):
    return program.post("/api/export/pulsar", content_type="application/json")


def test_an_export_is_asked_for_followed_and_fetched(program):
    label(1)
    answer = make(program)
    export = Export.objects.get()
    assert answer.status_code == 202
    told = answer.json()
    assert told.pop("note") == ""
    assert told["export"] == {
        "id": export.pk,
        "model": "pulsar",
        "number": 1,
        "state": "queued",
        "reason": "",
        "by": "eve",
        "created_at": told["export"]["created_at"],
        "finished_at": None,
        "n_labels": None,
        "n_pulsars": None,
        "files": {},
        "manifest": {},
        "dvc": None,
    }
    early = program.get(f"{EXPORTS}/{export.pk}/files/labels.csv")
    assert early.status_code == 404

    done = worked(export)
    told = program.get(f"{EXPORTS}/{export.pk}").json()
    assert (told["state"], told["n_labels"], told["n_pulsars"]) == ("success", 1, 1)
    assert told["manifest"] == done.manifest
    for name, address in told["files"].items():
        file = program.get(address)
        assert b"".join(file.streaming_content) == (done.folder / name).read_bytes()
        assert file["Content-Disposition"] == f'attachment; filename="pulsar-1-{name}"'


def test_one_under_way_and_none_of_nothing_are_said_in_words(program):
    nothing = make(program)
    assert nothing.status_code == 409
    assert nothing.json()["detail"] == "There is no label to give out yet."
    label(1)
    first, again = make(program), make(program)
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json()["note"] == "It is being made already."
    worked(Export.objects.get())
    last = make(program)
    assert (last.status_code, last.json()["note"]) == (
        200,
        "No label is new, withdrawn or restored since export pulsar/1.",
    )
    assert last.json()["export"]["id"] == first.json()["export"]["id"]


def test_they_are_listed_by_model_and_state(program):
    label(1)
    made = make(program).json()["export"]["id"]

    def found(**asked) -> list[int]:
        answer = program.get(EXPORTS, asked)
        assert answer.status_code == 200
        return [one["id"] for one in answer.json()["results"]]

    assert found() == found(model="pulsar") == found(state="queued") == [made]
    assert found(model="other") == found(state="failed") == []


def test_one_that_waits_is_stopped_and_its_labels_stay_new(program):
    label(1)
    made = make(program).json()["export"]["id"]
    told = program.post(f"{EXPORTS}/{made}/cancel").json()
    assert (told["state"], told["reason"]) == ("cancelled", "Cancelled on request.")
    again = make(program).json()["export"]
    assert (again["number"], again["state"]) == (2, "queued")


def test_a_file_that_is_gone_or_was_never_one_is_not_there(program):
    label(1)
    make(program)
    done = worked(Export.objects.get())
    files = f"{EXPORTS}/{done.pk}/files"
    (done.folder / "labels.csv").unlink()
    assert program.get(f"{files}/labels.csv").status_code == 404
    assert program.get(f"{files}/passwd").status_code == 422
    assert program.get(f"{EXPORTS}/{done.pk + 1}").status_code == 404


def test_who_makes_no_datasets_reads_exports_and_makes_none(program, caller):
    researcher = caller("researcher", "ana")
    assert make(researcher).status_code == 403
    assert researcher.get(EXPORTS).status_code == 200
    nowhere = program.post("/api/export/nowhere", content_type="application/json")
    assert nowhere.status_code == 404
