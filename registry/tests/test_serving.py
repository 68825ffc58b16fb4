"""Which version answers."""

import pytest

from pulsar_ml.errors import BadArtefact
from registry import serving
from registry.errors import NoSuchVersion
from registry.models import Alias
from registry.move_alias import move_alias
from registry.ship import register_shipped

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_cached():
    serving._at_alias.cache_clear()
    serving._scorer.cache_clear()


@pytest.fixture
def shipped():
    return register_shipped()


@pytest.mark.parametrize(
    "reference",
    [
        "champion",
        "Production",
        "pulsar@champion",
        "pulsar/Production",
        "models:/pulsar@champion",
        "models:/pulsar/Production",
    ],
)
def test_every_word_for_the_champion_finds_it(shipped, reference):
    (champion,) = [version for version in shipped if version.card["champion"]]

    assert serving.resolve(reference).version == champion
    assert serving.champion().version == champion


@pytest.mark.parametrize("reference", ["2", "pulsar/2", "models:/pulsar/2"])
def test_a_number_finds_its_version_whatever_is_champion(shipped, reference):
    assert serving.resolve(reference).version == shipped[1]


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("9", "There is no version pulsar/9."),
        ("pulsar@shadow", "There is no version pulsar@shadow."),
        ("comet/1", "There is no version comet/1."),
        ("pulsar@2", "There is no version pulsar@2."),
        ("", "'' is no reference; write pulsar/2 or pulsar@champion."),
        ("a b", "'a b' is no reference; write pulsar/2 or pulsar@champion."),
    ],
)
def test_a_reference_that_leads_nowhere_is_refused_with_words(
    shipped, reference, words
):
    with pytest.raises(NoSuchVersion) as refusal:
        serving.resolve(reference)
    assert str(refusal.value) == words


def test_a_promotion_takes_hold_within_a_second_and_costs_no_query_before(
    shipped, monkeypatch, django_assert_num_queries
):
    clock = [1000.2]
    monkeypatch.setattr(serving.time, "monotonic", lambda: clock[0])
    before = serving.champion().version
    (other,) = [version for version in shipped if version != before]
    move_alias("champion", other, expected=before, reason="better")

    clock[0] = 1000.9
    with django_assert_num_queries(0):
        assert serving.champion().version == before
    clock[0] = 1001.2
    assert serving.champion().version == other


def test_an_artefact_changed_on_disk_is_refused_and_a_loaded_one_goes_on(shipped):
    version = Alias.objects.get().version
    serving.champion()
    (version.folder / "model.onnx").write_bytes(b"something else")
    assert serving.serve(version).scorer

    serving._scorer.cache_clear()
    with pytest.raises(BadArtefact, match=r"model\.onnx"):
        serving.serve(version)
