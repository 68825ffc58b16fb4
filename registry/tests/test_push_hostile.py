"""Hostile models brought by the doors: quarantined in words, and the site unharmed."""

import pickle
import re

import psutil
import pytest
from django.core.management import CommandError, call_command

from monitor.models import Outbox
from monitor.work import State
from pulsar_ml.tests import hostile_models
from registry.errors import RegistryError
from registry.models import Push, Version
from registry.serving import resolve

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# By name, of more than a hundred that `pulsar_ml.tests.test_examine` has all of.
_CHOSEN = (
    "protocol 4.onnx",
    "torch.pt",
    "loop.onnx",
    "external /etc/passwd.onnx",
    "tree feature 10^6.onnx",
    "constant.onnx",
    "slow.onnx",
)


def push(path, *arguments):
    call_command("registry_push", str(path), *arguments)


def children():
    return [p for p in psutil.Process().children(recursive=True) if p.is_running()]


@pytest.fixture
def hostile(tmp_path):
    """The chosen ones, and what they would leave."""
    canary = tmp_path / "canary"
    files = {bad.name: bad for bad in hostile_models.hostile(canary)}
    return canary, [files[name] for name in _CHOSEN]


def test_each_is_quarantined_with_its_reason_and_leaves_nothing(
    hostile, tmp_path, storage, reconfigured, person, client
):
    reconfigured("push", seconds=3)
    client.force_login(person("admin"))
    canary, files = hostile
    before = children()
    for number, bad in enumerate(files, 1):
        path = tmp_path / "model.onnx"
        path.write_bytes(bad.content)
        with pytest.raises(CommandError) as refused:
            push(path)
        words = str(refused.value)
        assert words.startswith(f"pulsar/{number} is quarantined. ")
        assert re.search(bad.says, words), (bad.name, words)
        version = Version.objects.get(number=number)
        found = Push.objects.get(version=version)
        assert (version.registration, found.state) == ("QUARANTINED", State.SUCCESS)
        assert version.sha256 == found.sha256
        assert version.reason in words
        assert [p.name for p in found.folder.iterdir()] == ["came"]
        page = client.get(found.get_absolute_url()).content.decode()
        assert "no process loads it" in page
        for address in ("", "card.json", "card.md"):
            shown = client.get(version.get_absolute_url() + address)
            assert shown.status_code == 200, (bad.name, address)
    assert not canary.exists()
    assert children() == before
    assert not (storage / "models").exists()
    kinds = Outbox.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["push.received", "version.quarantined"] * len(files)
    assert client.get("/registry/").status_code == 200


def test_the_same_file_again_is_refused_at_once(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(pickle.dumps(["pickle"]))
    with pytest.raises(CommandError, match="is quarantined"):
        push(path)
    with pytest.raises(CommandError, match=r"very file is pulsar/1 already, and quar"):
        push(path)
    assert Push.objects.count() == Version.objects.count() == 1


def test_no_name_leads_to_one_that_is_quarantined(tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(b"#!/bin/sh")
    with pytest.raises(CommandError, match="script"):
        push(path, "--model", "foreign")
    for reference in ("foreign/1", "foreign/latest"):
        with pytest.raises(RegistryError):
            resolve(reference)
