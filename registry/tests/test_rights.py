"""Who may open which address of the registry, how, and which files it gives out."""

import pytest
from django.conf import settings
from django.urls import get_resolver, reverse
from django.utils.timezone import now

from registry.models import Build, Label, Sentinel
from registry.tests.evaluated import evaluated
from registry.tests.labels import digest, features
from registry.tests.run_rows import dataset_row, run_row, step_row

pytestmark = pytest.mark.django_db

ALL = {"researcher", "operator", "admin"}
ADMINS = {"admin"}
NOBODY: set[str] = set()
SEE = {"get": ALL, "post": NOBODY}
FILL_IN = {"get": ADMINS, "post": ADMINS}
DO = {"get": NOBODY, "post": ADMINS}
# Each address, and who may ask for it how. Labels are here those of somebody else.
ADDRESSES = {
    "versions": SEE,
    "version": SEE,
    "version-json": SEE,
    "version-md": SEE,
    "version-curves": SEE,
    "version-file": SEE,
    "datasets": SEE,
    "dataset": SEE,
    "dataset-file": SEE,
    "dataset-note": DO,
    "dataset-import": FILL_IN,
    "dataset-freeze": FILL_IN,
    "build": SEE,
    "build-rejects": SEE,
    "build-cancel": DO,
    "labels": SEE,
    "labels-import": FILL_IN,
    "label-withdraw": DO,
    "label-restore": DO,
    "sentinels": SEE,
    "sentinels-add": FILL_IN,
    "sentinel-remove": DO,
    "sentinel-restore": DO,
    "runs": SEE,
    "runs-compare": SEE,
    "runs-chart": SEE,
    "runs-csv": SEE,
    "run": SEE,
    "run-log": SEE,
    "run-file": SEE,
    "run-new": FILL_IN,
    "run-edit": FILL_IN,
    "run-cancel": DO,
    "run-resume": DO,
    "run-again": DO,
    "experiments": {"get": ALL, "post": ADMINS},
}


@pytest.fixture
def words(person, tmp_path) -> dict[str, dict[str, object]]:
    """What stands in the addresses of each kind of thing."""
    version = evaluated(tmp_path)
    run = run_row(dataset=dataset_row())
    step_row(run, "load", outputs=[{"name": "load.json", "size": 2, "sha256": ""}])
    run.folder.mkdir(parents=True)
    for name in ("load.json", "plan.json"):
        (run.folder / name).write_text("{}")
    label = Label.objects.create(
        person=person("researcher", "ana"),
        hash=digest(1),
        features=features(1),
        verdict="RFI",
        drawn=Label.Drawn.IMPORT,
        at=now(),
    )
    sentinel = Sentinel.objects.create(hash=digest(2), features=features(2))
    build = Build.objects.create(kind=Build.Kind.IMPORT, state="success")
    return {
        "version": {
            "model": version.model.name,
            "number": version.number,
            "theme": "dark",
            "name": "model.onnx",
        },
        "dataset": {"number": run.dataset.number, "file": "dictionary.json"},
        "build": {"pk": build.pk},
        "label": {"pk": label.pk},
        "sentinel": {"pk": sentinel.pk},
        "run": {"pk": run.pk, "file": "load.json"},
    }


@pytest.fixture
def addresses(words) -> dict[str, str]:
    """Where each of them leads."""
    return {
        one.name: reverse(
            f"registry:{one.name}",
            kwargs={
                name: words[one.name.partition("-")[0]][name]
                for name in one.pattern.converters
            },
        )
        for one in get_resolver("registry.urls").url_patterns
    }


def asked(client, addresses, how: str) -> dict[str, int]:
    return {
        name: getattr(client, how)(address).status_code
        for name, address in addresses.items()
    }


def test_every_address_stands_in_the_table(addresses):
    assert addresses.keys() == ADDRESSES.keys()


@pytest.mark.parametrize("how", ["get", "post"])
@pytest.mark.parametrize("role", sorted(ALL))
def test_each_role_does_what_it_may_and_nothing_else(
    client, person, addresses, role, how
):
    client.force_login(person(role, "somebody"))
    found = asked(client, addresses, how)

    closed = {name: code for name, code in found.items() if code in {403, 405}}
    assert closed == {
        name: 403 if who[how] else 405
        for name, who in ADDRESSES.items()
        if role not in who[how]
    }
    failed = {name: code for name, code in found.items() if code in {404, 500}}
    assert failed == {}


@pytest.mark.parametrize("how", ["get", "post"])
def test_strangers_and_people_without_a_role_do_nothing(
    client, addresses, django_user_model, how
):
    for address in addresses.values():
        answer = getattr(client, how)(address)
        assert answer.status_code == 302
        assert answer.url.startswith("/accounts/login/")

    client.force_login(django_user_model.objects.create_user("guest"))
    assert set(asked(client, addresses, how).values()) <= {403, 405}


def test_no_other_file_is_given_out(client, person, words):
    (settings.PULSAR.storage.root / "secret_key").write_text("of the site")
    client.force_login(person("admin"))
    run, dataset = words["run"]["pk"], words["dataset"]["number"]
    version = words["version"]["number"]
    folders = {
        f"/registry/training/{run}/files/": 2,
        f"/registry/datasets/{dataset}/": 2,
        f"/registry/pulsar/{version}/files/": 3,
    }
    given = client.get(f"/registry/training/{run}/files/load.json")
    assert given.getvalue() == b"{}"
    # It lies there, and no step has left it.
    assert client.get(f"/registry/training/{run}/files/plan.json").status_code == 404
    for folder, depth in folders.items():
        for up in ("../", "..%2f", "%2e%2e/", "..%5c"):
            for name in ("secret_key", "secret_key%00.json"):
                assert client.get(f"{folder}{up * depth}{name}").status_code == 404
        root = str(settings.PULSAR.storage.root).replace("/", "%2f")
        assert client.get(f"{folder}{root}%2fsecret_key").status_code == 404


def test_numbers_that_no_column_holds_name_nothing(client, person, words):
    client.force_login(person("admin"))
    for address in ("datasets", "datasets/builds", "training", "pulsar"):
        found = client.get(f"/registry/{address}/{10**30}/")
        assert found.status_code == 404
