"""A version is loaded if it is ready and whole; what is wrong with it is told once."""

import pytest

from monitor.models import Check, Outbox
from pulsar_ml.errors import BadArtefact
from registry import health, serving
from registry.errors import NotReady
from registry.models import Version
from registry.ship import register_shipped

pytestmark = pytest.mark.django_db


@pytest.fixture
def champion():
    serving._at_alias.cache_clear()
    serving._scorer.cache_clear()
    register_shipped()
    version = serving.find("champion")
    Outbox.objects.all().delete()
    return version


def told():
    return list(Outbox.objects.order_by("pk").values_list("kind", "about"))


def damaged_at(version):
    return Version.objects.get(pk=version.pk).damaged_at


@pytest.mark.engines
def test_a_changed_file_is_refused_told_once_and_told_when_it_is_mended(champion):
    file = champion.folder / "model.onnx"
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + b"\0")
    for _ in range(2):
        with pytest.raises(BadArtefact, match=r"model\.onnx is not the file"):
            serving.resolve("champion")
    assert health.look().state == Check.State.DOWN
    assert told() == [("version.damaged", str(champion))]
    assert damaged_at(champion)
    (event,) = Outbox.objects.all()
    assert "model.onnx" in event.detail["reason"]

    file.write_bytes(whole)
    assert serving.resolve("champion").scorer
    assert health.look().state == Check.State.UP
    assert told()[1:] == [("version.mended", str(champion))]
    assert damaged_at(champion) is None


def test_a_champion_that_is_loaded_goes_on_and_the_probe_says_what_is_wrong(champion):
    loaded = serving.champion()
    (champion.folder / "model.onnx").write_bytes(b"something else")
    assert health.look().state == Check.State.DOWN
    assert damaged_at(champion)

    # Each second the alias is looked up anew; what scores is in memory.
    serving._at_alias.cache_clear()
    assert serving.champion().scorer is loaded.scorer
    # That it is in memory does not mend its files.
    assert damaged_at(champion)
    assert told() == [("version.damaged", str(champion))]


@pytest.mark.parametrize(
    ("reason", "words"), [("", "."), ("It has a loop.", ": It has a loop.")]
)
def test_a_quarantined_version_is_named_to_nobody_and_never_loaded(
    champion, reason, words
):
    serving.champion()
    champion.registration, champion.reason = "QUARANTINED", reason
    champion.save()
    serving._at_alias.cache_clear()
    for ask in (
        lambda: serving.find(str(champion)),
        lambda: serving.resolve("champion"),
        lambda: serving.serve(champion),
        serving.champion,
    ):
        with pytest.raises(NotReady) as refusal:
            ask()
        assert str(refusal.value) == (
            f"{champion} is quarantined and never loaded{words}"
        )
    assert health.look().summary == f"{champion} is quarantined and never loaded{words}"
    assert told() == []
