"""/api/v1/datasets and /api/v1/builds: rows to learn from, and how they come."""

import json
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from pulsar_ml.datasets import treatments
from pulsar_ml.datasets.describe import SUMMARY
from registry.models import Build, Dataset
from registry.tests.run_rows import dataset_row, run_row
from registry.tests.tables import asked, ended, table
from registry.tests.test_freeze import label

pytestmark = pytest.mark.django_db

URL, BUILDS = "/api/v1/datasets", "/api/v1/builds"
MADE = datetime(2026, 6, 1, tzinfo=UTC)
UNUSABLE = "What was sent cannot be used."


@pytest.fixture
def asking(caller):
    return caller("researcher")


@pytest.fixture
def admin(caller, mailbox):
    return caller("admin", "ana")


@pytest.fixture
def base(tmp_path) -> Dataset:
    """Forty imported rows."""
    found = ended(asked(table(tmp_path / "sky.csv"))).dataset
    assert found
    return found


def freeze(client, **sent):
    return client.post(f"{URL}/freeze", sent, content_type="application/json")


def test_datasets_are_listed_and_found(asking, person):
    first = dataset_row("HTRU2", recipe={"url": "x"}, columns=[{"name": "label"}])
    dataset_row(
        "Frozen",
        source=Dataset.Source.FREEZE,
        parent=first,
        created_by=person("admin", "ana"),
    )
    run_row(dataset=first)
    run_row(dataset=first)
    Dataset.objects.update(created_at=MADE)
    plain = {
        "size": 1000,
        "n_rows": 17898,
        "n_pulsars": 1639,
        "n_holdout": 3522,
        "n_holdout_pulsars": 315,
        "n_rejected": 0,
        "note": "",
        "created_at": "2026-06-01T00:00:00Z",
    }
    htru2 = plain | {
        "number": 1,
        "url": "/registry/datasets/1/",
        "name": "HTRU2",
        "source": "import",
        "parent": None,
        "sha256": f"{1:064x}",
        "created_by": None,
    }
    frozen = plain | {
        "number": 2,
        "url": "/registry/datasets/2/",
        "name": "Frozen",
        "source": "freeze",
        "parent": 1,
        "sha256": f"{2:064x}",
        "created_by": "ana",
    }
    for sent, found in (
        ({}, [frozen, htru2]),
        ({"words": "htru"}, [htru2]),
        ({"words": "2"}, [frozen, htru2]),
        ({"source": "freeze"}, [frozen]),
    ):
        assert asking.get(URL, sent).json()["results"] == found, sent
    whole = {"recipe": {"url": "x"}, "columns": [{"name": "label"}]}
    assert asking.get(f"{URL}/1").json() == htru2 | whole


def test_its_files_are_those_of_the_page(asking, base):
    for file in ("rows.parquet", "rows.csv", "dictionary.json"):
        ours, theirs = (
            asking.get(address)
            for address in (
                f"{URL}/{base.number}/files/{file}",
                f"{base.get_absolute_url()}{file}",
            )
        )
        assert (ours.status_code, ours["Content-Type"]) == (200, theirs["Content-Type"])
        assert ours.getvalue() == theirs.getvalue()


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("9", 404),
        ("9" * 40, 404),
        ("x", 422),
        ("1/files/passwd", 422),
        ("1/files/rows.parquet", 404),
        ("?words=%00", 422),
        ("?source=gift", 422),
        ("?cursor=x", 422),
    ],
)
def test_what_is_not_there_is_not_found(asking, address, status):
    dataset_row()
    separator = "" if address.startswith("?") else "/"
    assert asking.get(f"{URL}{separator}{address}").status_code == status


def test_a_note_is_kept(admin):
    dataset_row()

    def note(text):
        return admin.patch(f"{URL}/1", {"note": text}, content_type="application/json")

    assert note(" Mind row 7. ").json()["note"] == "Mind row 7."
    assert Dataset.objects.get().note == "Mind row 7."
    assert note("x" * 5001).status_code == 422
    assert note(None).status_code == 422


def test_a_table_is_brought_in_and_its_build_followed(admin, tmp_path, mailbox):
    path = table(tmp_path / "sky.csv")
    path.write_text(path.read_text() + "<b>,2\n")
    file = SimpleUploadedFile("sky.csv", path.read_bytes())
    answer = admin.post(URL, {"file": file, "name": "The sky"})
    build = Build.objects.get()
    told = {
        "id": build.pk,
        "url": f"/registry/datasets/builds/{build.pk}/",
        "kind": "import",
        "name": "The sky",
        "state": "queued",
        "reason": "",
        "dataset": None,
        "n_rows": 0,
        "n_rejected": 0,
        "n_done": 0,
        "n_of": 0,
        "notes": [],
        "by": "ana",
        "created_at": answer.json()["created_at"],
        "started_at": None,
        "finished_at": None,
    }
    assert (answer.status_code, answer.json()) == (202, told)
    assert mailbox() == [(build.pk, "interactive")]
    assert admin.get(f"{BUILDS}/{build.pk}").json() == told

    ended(build)
    after = admin.get(f"{BUILDS}/{build.pk}").json()
    assert {name: after[name] for name in ("state", "dataset", "n_rejected")} == {
        "state": "success",
        "dataset": 1,
        "n_rejected": 1,
    }
    assert admin.get(BUILDS, {"state": "success"}).json()["results"] == [after]
    assert admin.get(BUILDS, {"kind": "freeze"}).json()["results"] == []
    rejects = admin.get(f"{BUILDS}/{build.pk}/rejects.csv")
    assert rejects.getvalue().decode().splitlines() == [
        "row,file,line,column,value,reason,name",
        '41,sky.csv,42,,"<b>,2",has 2 columns; the table has 9,',
    ]


def test_one_that_waits_is_cancelled(admin, tmp_path):
    build = asked(table(tmp_path / "sky.csv"))
    told = admin.post(f"{BUILDS}/{build.pk}/cancel").json()
    assert (told["state"], told["reason"]) == ("cancelled", "Cancelled on request.")


@pytest.mark.parametrize(
    ("sent", "field"),
    [({}, "file"), ({"preset": "other"}, "preset"), ({"name": "\0"}, "name")],
)
def test_without_a_file_nothing_is_imported(admin, sent, field):
    answer = admin.post(URL, sent)
    assert answer.status_code == 422
    assert [one["loc"][-1] for one in answer.json()["errors"]] == [field]
    assert Build.objects.count() == 0


def test_labels_and_treatments_are_frozen(admin, base, person):
    label(1, "T1_CAND", person("researcher", "ben"))
    answer = freeze(
        admin,
        parent=1,
        name="With labels",
        labels={
            "people": ["ben"],
            "verdicts": ["T1_CAND", "RFI"],
            "surveys": ["HTRU-S"],
            "drawn": ["audit"],
            "since": "2026-05-01T00:00:00+02:00",
        },
        treatments=[
            {"name": "weak"},
            {"name": "conflicts", "options": {"rule": "newest"}},
        ],
    )
    assert answer.status_code == 202, answer.content
    build = Build.objects.get(kind=Build.Kind.FREEZE)
    assert answer.json()["id"] == build.pk
    assert build.name == "With labels"
    order = build.order
    assert (order["parent"], order["labels"]) == (
        1,
        {
            "surveys": ["HTRU-S"],
            "people": [build.order["labels"]["people"][0]],
            "verdicts": ["T1_CAND", "RFI"],
            "drawn": ["audit"],
            "since": "2026-04-30T22:00:00+00:00",
        },
    )
    assert [step["name"] for step in order["treatments"]] == ["weak", "conflicts"]
    done = ended(build)
    assert (done.state, done.n_rows) == ("success", 41)


def test_what_would_be_frozen_is_counted_and_nothing_made(admin, person):
    dataset_row()
    label(1, "T1_CAND", person("researcher", "ben"))
    label(2, "RFI", person("researcher", "eve"))
    answer = admin.post(
        f"{URL}/freeze/preview",
        {"parent": 1, "labels": {}, "treatments": [{"name": "weak"}]},
        content_type="application/json",
    )
    assert answer.json() == {
        "n_rows": 17900,
        "n_pulsars": 1640,
        "n_labels": 2,
        "treatments": [treatments.in_words(treatments.step("weak"))],
    }
    assert Build.objects.count() == 0


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ({"parent": 9}, "There is no dataset 9."),
        ({"parent": 10**30}, UNUSABLE),
        ({"labels": {"people": ["nobody"]}}, "Nobody called nobody has given a label."),
        ({"labels": {"since": "2026-05-01T00:00:00"}}, UNUSABLE),
        ({"labels": {"verdicts": ["STAR"]}}, UNUSABLE),
        ({"treatments": [{"name": "magic"}]}, None),
        ({"treatments": [{"name": "weak", "options": {"x": 1}}]}, None),
        ({"treatments": [{"name": "ranges", "options": {"min": [[]]}}]}, UNUSABLE),
        ({"treatments": [{"name": "conflicts", "options": {"rule": ["a"]}}]}, None),
        ({"treatments": [{"name": "weak"}] * 21}, UNUSABLE),
        ({"name": "x" * 101}, UNUSABLE),
    ],
)
def test_what_cannot_be_frozen_is_refused(admin, sent, why):
    dataset_row()
    answer = freeze(admin, **({"parent": 1} | sent))
    assert answer.status_code == 422
    assert why in (None, answer.json()["detail"])
    assert Build.objects.count() == 0


def test_only_an_admin_makes_datasets(caller):
    dataset_row()
    for asking in (
        caller("researcher"),
        caller("operator"),
        caller("admin", read_only=True),
    ):
        assert asking.post(URL, {"preset": "htru2"}).status_code == 403
        assert freeze(asking, parent=1).status_code == 403
        assert asking.patch(f"{URL}/1").status_code == 403
        assert asking.post(f"{BUILDS}/1/cancel").status_code == 403
        assert asking.get(f"{URL}/1").status_code == 200


def test_what_was_counted_of_one_is_told_and_its_lack_is_said(asking, base):
    told = asking.get(f"{URL}/{base.number}/summary").json()
    assert told == json.loads((base.folder / SUMMARY).read_text())
    (base.folder / SUMMARY).unlink()
    lost = asking.get(f"{URL}/{base.number}/summary")
    assert (lost.status_code, lost.json()["detail"]) == (
        404,
        "What was counted of it is not where it was stored.",
    )
