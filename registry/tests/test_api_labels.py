"""Labels through the API: found, taken back and given again, brought in."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from pulsar_ml.features import FEATURES
from registry.datasets.build import build as work_on
from registry.models import Build, Label
from registry.tests.exporting import label
from registry.tests.labels import digest, features, written

pytestmark = pytest.mark.django_db

LABELS = "/api/v1/labels"


@pytest.fixture
def program(caller):
    return caller("researcher", "ana")


@pytest.fixture
def ana(program, person):
    return User.objects.get(username="ana")


def found(program, **asked) -> list[int]:
    answer = program.get(LABELS, asked)
    assert answer.status_code == 200, answer.content
    return [one["id"] for one in answer.json()["results"]]


def test_a_label_is_told_whole(program, ana):
    kept = label(
        1, ana, batch=12, row=7, survey="HTRU-S", observed={"dm": 3.5, "beam": "a"}
    )
    assert program.get(f"{LABELS}/{kept.pk}").json() == {
        "id": kept.pk,
        "prediction": "12-7",
        "name": "J0001",
        "hash": digest(1),
        "features": dict(zip(FEATURES, features(1), strict=True)),
        "label": "T1_CAND",
        "expected": 1,
        "origin": "api",
        "survey": "HTRU-S",
        "pointing": "",
        "observed": {"dm": 3.5, "beam": "a"},
        "by": "ana",
        "at": "2026-11-20T12:01:00Z",
        "holds": True,
    }


def test_they_are_found_by_all_that_is_asked(program, ana, person):
    ben = person("researcher", "ben")
    one = label(1, ana, survey="HTRU-S").pk
    two = label(2, ben, "RFI", drawn="audit").pk
    three = label(3, None, "NOISE").pk
    gone = label(4, ana, current=None).pk
    assert found(program) == [three, two, one]
    assert found(program, gone=True) == [gone]
    assert found(program, by="ana") == found(program, survey="HTRU-S") == [one]
    assert found(program, by="nobody") == []
    assert found(program, label=["RFI", "NOISE"]) == [three, two]
    assert found(program, origin="audit") == [two]
    assert found(program, since="2026-11-20T12:02:00Z") == [three, two]
    assert found(program, until="2026-11-20T13:02:00+01:00") == [one]


def test_others_of_a_blind_batch_are_hidden(program, ana, person):
    hidden = label(1, person("researcher", "ben"), blind=True).pk
    assert found(program) == []
    assert program.get(f"{LABELS}/{hidden}").status_code == 404
    own = label(1, ana).pk
    assert found(program) == [own, hidden]


def test_ones_own_is_withdrawn_and_restored(program, ana):
    kept = label(1, ana)
    for _ in range(2):
        told = program.post(f"{LABELS}/{kept.pk}/withdraw")
        assert (told.status_code, told.json()["holds"]) == (200, False)
    for _ in range(2):
        told = program.post(f"{LABELS}/{kept.pk}/restore")
        assert (told.status_code, told.json()["holds"]) == (200, True)


def test_one_that_was_replaced_is_not_restored_in_words(program, ana):
    old = label(1, ana, current=None)
    label(1, ana, "RFI")
    answer = program.post(f"{LABELS}/{old.pk}/restore")
    assert answer.status_code == 409
    assert answer.json()["detail"] == (
        "ana has labelled this candidate again since, as RFI: withdraw that first."
    )


def test_others_are_left_to_them_and_to_admins(program, caller, person):
    kept = label(1, person("researcher", "ben"))
    for verb in ("withdraw", "restore"):
        assert program.post(f"{LABELS}/{kept.pk}/{verb}").status_code == 403
        assert program.post(f"{LABELS}/{kept.pk + 1}/{verb}").status_code == 404
    admin = caller("admin", "eve")
    assert admin.post(f"{LABELS}/{kept.pk}/withdraw").json()["holds"] is False


def test_a_file_is_brought_in_by_a_worker(caller, program, ana, tmp_path):
    admin = caller("admin", "eve")
    content = written(tmp_path / "sky.csv", {1: "T1_CAND", 2: "RFI"}).read_bytes()

    def bring(client, **form):
        file = SimpleUploadedFile("sky.csv", content, "text/csv")
        return client.post(LABELS, {"file": file, **form})

    assert bring(program, survey="HTRU-S").status_code == 403
    assert bring(admin).status_code == 422
    assert bring(admin, survey="HTRU-S", by="nobody").status_code == 404
    answer = bring(admin, survey="HTRU-S", by="ana")
    build = Build.objects.get()
    assert (answer.status_code, answer.json()["id"]) == (202, build.pk)
    work_on(build)
    assert set(Label.objects.current().values_list("person", "verdict")) == {
        (ana.pk, "T1_CAND"),
        (ana.pk, "RFI"),
    }
