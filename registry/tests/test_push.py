"""A model from elsewhere that holds becomes a version, by command and by page."""

import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.utils.timezone import now

from monitor import claims
from monitor.models import Outbox
from monitor.sweep import sweep
from monitor.work import State
from pulsar_ml import artefact, serving
from pulsar_ml.serving import Scorer
from pulsar_ml.tests import simulated
from pulsar_ml.tests.hostile_models import bytes_of, good, whole, zipped
from registry.datasets.ask import Brought
from registry.models import Push, Version
from registry.pushing.cancel import cancel
from registry.pushing.receive import receive
from registry.pushing.work import work
from registry.tests import made
from registry.tests.killed import CRASHED, killed_at

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

POINTS = ["push.laid", "push.examined", "push.completed", "push.registered"]


def model(folder: Path) -> Path:
    path = folder / "ours.onnx"
    path.write_bytes(bytes_of(good()))
    return path


def push(*arguments: object) -> None:
    call_command("registry_push", *map(str, arguments))


def kinds() -> list[str]:
    return list(Outbox.objects.order_by("pk").values_list("kind", flat=True))


def test_a_bare_onnx_becomes_a_whole_version(tmp_path, storage, person, client, capsys):
    dataset = made.dataset()
    table = simulated.table()
    held = table.take(table.holdout)
    known = held.hashes[:5].tolist() + table.hashes[~table.holdout].tolist()[:100]
    listed = tmp_path / "rows.txt"
    listed.write_text("\n".join(known))
    push(model(tmp_path), "--threshold", 0.5, "--trained-on", listed, "--json")

    version = Version.objects.get(model__name="pulsar")
    told = json.loads(capsys.readouterr().out)
    assert told["state"] == "success"
    assert all(finding["ok"] for finding in told["findings"])
    assert told["version"] == {
        "name": "pulsar/1",
        "registration": "READY",
        "reason": "",
        "sha256": version.sha256,
    }
    assert (version.source, str(version)) == (Version.Source.PUSHED, "pulsar/1")
    scorer = Scorer(version.folder, sha256=version.sha256)
    assert scorer.trained_on() == set(known)
    files, _ = artefact.read(version.folder)
    assert set(files) == {*artefact.FILES, *artefact.OPTIONAL}
    unseen = len(held) - 5
    card = version.card
    assert len(artefact.hashes(files[artefact.HOLDOUT])) == unseen
    assert (card["threshold"], card["trained_on"]) == (0.5, "list")
    assert card["metrics"]["holdout"]["rows"] == unseen
    assert card["dataset"]["sha256"] == dataset.sha256
    assert files[artefact.MODEL] == bytes_of(good())
    assert kinds() == ["push.received", "version.created"]
    found = Push.objects.get()
    assert [path.name for path in found.folder.iterdir() if path.is_dir()] == []
    client.force_login(person("researcher"))
    for address in ("/registry/", version.get_absolute_url(), "/registry/pushes/"):
        assert client.get(address).status_code == 200, address
    page = client.get(found.get_absolute_url()).content.decode()
    assert "Open pulsar/1" in page
    assert "Again, alone, in another order: the same scores." in page


def test_an_artefact_of_another_site_is_that_very_version(tmp_path, capsys):
    packed = tmp_path / "ours.zip"
    packed.write_bytes(zipped(whole()))
    push(packed)
    push(serving.shipped()[-1])

    version = Version.objects.get()
    assert version.sha256 == Scorer(serving.shipped()[-1]).sha256
    assert capsys.readouterr().out.splitlines()[-1] == "2.tar.gz is pulsar/1"


def test_figures_that_a_card_claims_are_measured(tmp_path):
    card = json.loads(whole()[artefact.CARD])
    made.dataset(simulated.table(6000))
    packed = tmp_path / "claims.zip"
    for name in ("recall", "average_precision", "fpr"):
        card["metrics"]["holdout"][name] = {
            "value": 0.999,
            "low": 0.998,
            "high": 0.9999,
        }
    packed.write_bytes(zipped(whole(card=json.dumps(card).encode())))

    with pytest.raises(CommandError, match=r"Figures: Its card says recall 0.998 to"):
        push(packed)


def test_without_a_dataset_that_will_do_it_fails_and_may_come_again(tmp_path):
    path = model(tmp_path)
    with pytest.raises(CommandError, match="Choose a dataset"):
        push(path)
    states = Push.objects.values_list("state", "version")
    assert list(states) == [(State.FAILED, None)]
    assert kinds() == ["push.received", "push.failed"]
    with pytest.raises(CommandError, match="There is no dataset 7"):
        push(path, "--dataset", 7)
    with pytest.raises(CommandError, match="more than 0 and less than 1"):
        push(path, "--threshold", 2)
    with pytest.raises(CommandError, match=r"There is no file .*nowhere"):
        push(tmp_path / "nowhere")


def test_the_page_takes_a_file_and_shows_each_check(client, person):
    client.force_login(person("admin"))
    page = client.get("/registry/push/").content.decode()
    assert "convert_sklearn" in page
    upload = SimpleUploadedFile("ours.zip", zipped(whole()))
    said = {"model": "pulsar", "trained_on": "dataset", "threshold": ""}
    answer = client.post("/registry/push/", {"file": upload, **said})
    found = Push.objects.get()
    assert (answer.status_code, answer.url) == (302, found.get_absolute_url())
    waiting = client.get(answer.url, headers={"HX-Request": "true"})
    assert "It is the next." in waiting.content.decode()
    assert "HX-Refresh" not in waiting

    work(found)

    found.refresh_from_db()
    assert found.state == State.SUCCESS, found.reason
    assert found.version.source == Version.Source.PUSHED
    assert found.by == found.version.created_by
    ended = client.get(answer.url, headers={"HX-Request": "true"})
    assert ended["HX-Refresh"] == "true"


def test_what_is_wrong_with_the_form_is_said(client, person, tmp_path):
    client.force_login(person("admin"))
    upload = SimpleUploadedFile("ours.onnx", b"")
    said = {"file": upload, "model": "../x", "trained_on": "list", "threshold": "3"}
    answer = client.post("/registry/push/", said)
    assert answer.status_code == 422
    page = answer.content.decode()
    for words in ("More than 0 and less than 1.", "Choose the list.", "valid “slug”"):
        assert words in page
    assert not Push.objects.exists()


def test_where_it_is_off_the_page_and_the_command_say_why(
    client, person, tmp_path, reconfigured
):
    reconfigured("push", allowed="no")
    client.force_login(person("admin"))
    page = client.get("/registry/push/").content.decode()
    assert "does not allow it (push.allowed)" in page
    assert '<form class="card"' not in page
    assert "push.allowed" in client.get("/registry/pushes/").content.decode()
    with pytest.raises(CommandError, match="does not allow"):
        push(model(tmp_path))
    assert not Push.objects.exists()


def test_one_that_waits_is_cancelled_at_once(client, person, tmp_path):
    client.force_login(person("admin"))
    upload = SimpleUploadedFile("ours.onnx", model(tmp_path).read_bytes())
    client.post(
        "/registry/push/", {"file": upload, "model": "p", "trained_on": "unknown"}
    )
    found = Push.objects.get()
    assert client.post(f"{found.get_absolute_url()}cancel/").status_code == 302
    work(found)
    found.refresh_from_db()
    assert (found.state, found.findings) == (State.CANCELLED, [])
    assert kinds() == ["push.received", "push.cancelled"]


def test_what_a_dead_worker_left_is_examined_anew(client, person):
    client.force_login(person("admin"))
    upload = SimpleUploadedFile("ours.onnx", b"#!/bin/sh")
    client.post(
        "/registry/push/", {"file": upload, "model": "p", "trained_on": "unknown"}
    )
    found = Push.objects.get()
    assert claims.claim(found)
    (found.folder / f"work-{found.holder}").mkdir()
    Push.objects.update(lease_until=now())
    assert list(sweep(Push, now())) == [found]

    work(Push.objects.get())

    found.refresh_from_db()
    assert (found.state, found.attempts) == (State.SUCCESS, 2)
    assert found.version.registration == Version.Registration.QUARANTINED
    assert [path.name for path in found.folder.iterdir()] == ["came"]


def test_one_at_work_is_cancelled_at_its_next_beat(person, tmp_path):
    asked = receive(Brought("ours.onnx", model(tmp_path)), send_it=False)
    admin = person("admin")

    def stopping() -> bool:
        cancel(asked, by=admin)
        return False

    work(asked, stopping)

    asked.refresh_from_db()
    assert (asked.state, asked.version) == (State.CANCELLED, None)
    assert [path.name for path in asked.folder.iterdir()] == ["came"]
    assert kinds() == ["push.received", "push.cancelled"]


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_anywhere_leaves_one_version_in_the_end(tmp_path, reconfigured):
    reconfigured("scheduler", max_attempts=len(POINTS) + 1)
    made.dataset()
    file = Brought("ours.onnx", model(tmp_path))
    asked = receive(file, threshold=0.5, send_it=False)

    for point in POINTS:
        assert (point, killed_at(point, work, asked)) == (point, CRASHED)
        Push.objects.update(lease_until=now())
        assert sweep(Push, now()) == [asked]
        asked.refresh_from_db()
    work(asked)

    asked.refresh_from_db()
    assert (asked.state, str(asked.version)) == (State.SUCCESS, "pulsar/1")
    assert kinds().count("version.created") == 1
    assert [path.name for path in asked.folder.iterdir()] == ["came"]
