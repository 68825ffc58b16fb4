"""/api/v1/cases: ready candidates for a program's first steps."""

import pytest

from pulsar_ml.cases import CASES
from registry import serving
from showroom.models import Prediction

pytestmark = pytest.mark.django_db

URL = "/api/v1/cases"
CASE = CASES[1]


def test_they_are_listed_as_the_page_proposes_them(caller):
    told = caller("researcher").get(URL).json()
    assert [one["slug"] for one in told] == [case.slug for case in CASES]
    assert told[1] == {
        "slug": CASE.slug,
        "title": CASE.title,
        "sentence": CASE.sentence,
        "kind": "pulsar",
    }


def test_one_is_classified_as_by_its_button(caller, champion):
    program = caller("researcher", "ana")
    told = program.post(f"{URL}/{CASE.slug}").json()
    kept = Prediction.objects.get()
    assert told["id"] == str(kept)
    assert (told["name"], told["by"], told["model_version"]) == (
        CASE.title,
        "ana",
        str(champion),
    )
    assert list(told["features"].values()) == list(CASE.candidate().features())
    assert program.get(f"/api/v1/predictions/{told['id']}").json() == told


def test_without_a_champion_and_of_no_case_it_says_so(caller):
    program = caller("researcher")
    nobody = program.post(f"{URL}/{CASE.slug}")
    assert (nobody.status_code, nobody.json()["detail"]) == (
        404,
        "There is no version pulsar@champion.",
    )
    assert program.post(f"{URL}/none").status_code == 404
    assert program.get(f"{URL}/none/picture").status_code == 404


def test_a_damaged_champion_says_nothing(caller, champion):
    for file in champion.folder.iterdir():
        file.unlink()
    serving._scorer.cache_clear()
    serving._at_alias.cache_clear()
    answer = caller("researcher").post(f"{URL}/{CASE.slug}")
    assert answer.status_code == 409, answer.json()


def test_its_plots_come_as_a_small_picture(caller):
    picture = caller("researcher").get(f"{URL}/{CASE.slug}/picture", {"theme": "dark"})
    assert picture["Content-Type"] == "image/png"
    assert int.from_bytes(picture.content[16:20]) == 560
