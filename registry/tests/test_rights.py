"""Which files the registry gives out: its own, however an address is written."""

import pytest
from django.conf import settings

from pulsar_ml.serving import shipped
from registry.register import register
from registry.tests.run_rows import dataset_row, run_row, step_row

pytestmark = pytest.mark.django_db


def test_no_other_file_is_given_out(client, person):
    version = register(shipped()[0]).number
    done = run_row(dataset=dataset_row())
    step_row(done, "load", outputs=[{"name": "load.json", "size": 2, "sha256": ""}])
    done.folder.mkdir(parents=True)
    for name in ("load.json", "plan.json"):
        (done.folder / name).write_text("{}")
    (settings.PULSAR.storage.root / "secret_key").write_text("of the site")
    client.force_login(person("admin"))
    run, dataset = done.pk, done.dataset.number
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


def test_numbers_that_no_column_holds_name_nothing(client, person):
    client.force_login(person("admin"))
    for address in ("datasets", "datasets/builds", "training", "pulsar"):
        found = client.get(f"/registry/{address}/{10**30}/")
        assert found.status_code == 404
