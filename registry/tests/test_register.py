"""Artefacts become numbered versions."""

import shutil
import threading
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from monitor.models import Outbox
from pulsar_ml import serving as science
from pulsar_ml.errors import BadArtefact
from registry.models import Alias, AliasMove, Model, Version
from registry.register import register
from registry.ship import register_shipped

pytestmark = pytest.mark.django_db


def test_the_shipped_versions_are_registered_once_with_one_champion():
    for _ in range(2):
        register_shipped()

    versions = Version.objects.order_by("number")
    assert [str(version) for version in versions] == ["pulsar/1", "pulsar/2"]
    (champion,) = [version for version in versions if version.card["champion"]]
    assert [alias.version for alias in Alias.objects.all()] == [champion]
    assert champion.stages == ["Production"]
    kinds = Outbox.objects.order_by("pk").values_list("kind", flat=True)
    assert sorted(kinds) == ["alias.moved", "version.created", "version.created"]


def test_the_command_tells_the_versions_and_their_stage(capsys):
    call_command("registry_ship")

    lines = capsys.readouterr().out.splitlines()
    assert sorted(line.split() for line in lines) in (
        [["pulsar/1"], ["pulsar/2", "Production"]],
        [["pulsar/1", "Production"], ["pulsar/2"]],
    )


def test_a_later_set_up_does_not_take_the_title_from_who_has_it():
    first, second = register_shipped()
    other = first if second.card["champion"] else second
    Alias.objects.update(version=other)
    register_shipped()

    assert Alias.objects.get().version == other


def test_each_version_knows_how_it_came_in():
    trained = register(science.shipped()[0])
    assert trained.source == Version.Source.TRAINED
    # As one that was registered before its source was written down.
    shipped = register_shipped()
    assert {version.source for version in shipped} == {Version.Source.SHIPPED}
    assert set(Version.objects.values_list("source", flat=True)) == {"shipped"}


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_versions_that_are_registered_at_once_have_numbers_of_their_own():
    shipped = science.shipped()
    wanted = [*shipped, *shipped]
    start, got = threading.Barrier(len(wanted)), []

    def one(artefact: Path) -> None:
        start.wait()
        got.append((artefact, register(artefact)))
        connection.close()

    threads = [threading.Thread(target=one, args=[artefact]) for artefact in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    made = {(artefact, version.sha256, version.number) for artefact, version in got}
    assert (len(got), len(made)) == (4, 2)
    assert sorted(number for *_, number in made) == [1, 2]


def test_the_artefact_is_kept_whole_under_its_hash(storage):
    source = science.shipped()[0]
    version = register(source)

    assert version.folder == storage / "models" / version.sha256
    assert {file.name: file.read_bytes() for file in version.folder.iterdir()} == {
        file.name: file.read_bytes() for file in source.iterdir()
    }
    assert [path.name for path in (storage / "models").iterdir()] == [version.sha256]


def test_an_artefact_that_was_lost_from_the_storage_comes_back(storage):
    version = register(science.shipped()[0])
    shutil.rmtree(version.folder)

    assert register(science.shipped()[0]) == version
    assert science.Scorer(version.folder, sha256=version.sha256)


def test_a_damaged_artefact_is_refused_and_leaves_nothing(tmp_path, storage):
    broken = shutil.copytree(science.shipped()[0], tmp_path / "broken")
    (broken / "card.json").write_text("{}")

    with pytest.raises(BadArtefact, match=r"card\.json"):
        register(broken)
    assert not Version.objects.exists()
    assert not (storage / "models").exists()


@pytest.mark.engines
def test_the_database_holds_one_champion_and_one_version_of_a_number():
    model = Model.objects.create(name="pulsar")
    one, two = (
        Version.objects.create(model=model, number=n, sha256=f"{n:064}", card={})
        for n in (1, 2)
    )
    Alias.objects.create(model=model, name="champion", version=one)
    for make in (
        lambda: Alias.objects.create(model=model, name="champion", version=two),
        lambda: Version.objects.create(model=model, number=1, sha256="", card={}),
        lambda: Version.objects.create(
            model=model, number=3, sha256=f"{1:064}", card={}
        ),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            make()


def test_every_move_of_an_alias_is_remembered():
    register_shipped()

    (move,) = AliasMove.objects.all()
    assert (move.alias, move.before, move.by, move.reason) == (
        "champion",
        None,
        None,
        "shipped as champion",
    )
