"""/api/v1/sentinels: the known pulsars that no version may lose."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from pulsar_ml.tests import simulated
from registry.models import Sentinel
from registry.tests import made
from registry.tests.labels import digest, features, written
from registry.tests.triggered import NOON

pytestmark = pytest.mark.django_db

URL = "/api/v1/sentinels"


@pytest.fixture
def sentinel(person) -> Sentinel:
    made = Sentinel.objects.create(
        name="J0001",
        hash=digest(1),
        features=features(1),
        origin="dataset 1",
        note="bright",
        added_by=person("admin", "ana"),
    )
    Sentinel.objects.update(added_at=NOON)
    return made


def test_sentinels_are_listed_taken_out_and_put_back(caller, sentinel):
    told = {
        "id": sentinel.pk,
        "name": "J0001",
        "hash": digest(1),
        "features": features(1),
        "pointing": "",
        "origin": "dataset 1",
        "note": "bright",
        "added_at": "2026-06-01T12:00:00Z",
        "added_by": "ana",
        "removed_at": None,
    }
    admin, asking = caller("admin", "ana"), caller("researcher")

    def listed(**asked):
        return asking.get(URL, asked).json()["results"]

    assert listed() == [told]
    gone = admin.post(f"{URL}/{sentinel.pk}/remove").json()
    assert gone["removed_at"] is not None
    assert (listed(), listed(removed=True)) == ([], [gone])
    assert admin.post(f"{URL}/{sentinel.pk}/restore").json() == told
    for act in ("remove", "restore"):
        assert asking.post(f"{URL}/{sentinel.pk}/{act}").status_code == 403
        assert admin.post(f"{URL}/99/{act}").status_code == 404


def test_pulsars_of_a_file_come_under_the_sentinels(caller, sentinel, tmp_path):
    path = written(tmp_path / "known.csv", {1: "1", 2: "1", 3: "0"})
    admin = caller("admin", "ana")
    file = SimpleUploadedFile("known.csv", path.read_bytes())
    answer = admin.post(URL, {"file": file, "note": "of the catalogue"})
    assert (answer.status_code, answer.json()) == (
        201,
        {
            "new": ["J0002"],
            "back": [],
            "there": ["J0001"],
            "n_rejected": 1,
            "why": ["Row 3, label '0' is not the label of a pulsar."],
        },
    )
    assert Sentinel.objects.get(name="J0002").note == "of the catalogue"

    nonsense = SimpleUploadedFile("known.csv", b"nothing")
    assert admin.post(URL, {"file": nonsense}).status_code == 422
    assert admin.post(URL, {"note": "x"}).status_code == 422
    assert caller("researcher").post(URL, {"file": file}).status_code == 403


def test_pulsars_of_a_dataset_are_chosen_by_their_hashes(caller, storage):
    table = simulated.table(40)
    made.dataset(table)
    digest = table.hashes[table.labels == 1][0]
    admin = caller("admin", "ana")

    def choose(client=admin, **sent):
        return client.post(f"{URL}/of-dataset", sent, content_type="application/json")

    answer = choose(dataset=1, hashes=[digest])
    sentinel = Sentinel.objects.get()
    assert (answer.status_code, answer.json()) == (
        201,
        {"new": [sentinel.name], "back": [], "there": [], "n_rejected": 0, "why": []},
    )
    assert sentinel.hash == digest
    for wrong in (
        {"dataset": 9, "hashes": [digest]},
        {"dataset": 1, "hashes": ["0" * 64]},
        {"dataset": 1, "hashes": []},
        {"dataset": 1, "hashes": ["x"]},
        {"dataset": 1, "hashes": [digest] * 51},
    ):
        assert choose(**wrong).status_code == 422, wrong
    assert choose(caller("researcher"), dataset=1, hashes=[digest]).status_code == 403
