"""/registry/labels/exports/: asked for, followed, stopped, fetched."""

import pytest
from django.contrib.messages import get_messages

from monitor.models import Outbox
from registry.exports import work as working
from registry.labels.withdraw import withdraw
from registry.models import Export
from registry.tests.exporting import asked, label, model, worked

pytestmark = pytest.mark.django_db

URL = "/registry/labels/exports/"


@pytest.fixture
def admin(client, person, mailbox):
    model()
    user = person("admin", "ada")
    client.force_login(user)
    return user


def text(response) -> str:
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def said(response) -> list[str]:
    """The last word, if there is one: those before it were not read yet."""
    assert (response.status_code, response.url) == (302, URL)
    return [str(message) for message in get_messages(response.wsgi_request)][-1:]


def make(client, name: str = "pulsar"):
    return client.post(f"{URL}{name}/make/")


def test_before_the_first_the_page_says_what_would_go_out(client, admin):
    page = text(client.get(URL))
    assert "No label was given out yet." in page
    assert '<td class="number">0</td>' in page
    assert "disabled" in page
    label(1)
    page = text(client.get(URL))
    assert '<td class="number">1</td>' in page
    assert "disabled" not in page


def test_what_was_withdrawn_since_can_be_exported_alone(client, admin):
    one = label(1)
    worked(asked())
    page = text(client.get(URL))
    assert "disabled" in page
    assert "withdrawn, replaced or restored since" not in page
    withdraw(one, by=admin)
    page = text(client.get(URL))
    assert '<td class="number">0</td>' in page
    assert "withdrawn, replaced or restored since" in page
    assert "disabled" not in page
    assert said(make(client)) == ["Asked for export pulsar/2."]


def test_one_is_asked_for_followed_and_fetched(client, admin):
    label(1)
    assert said(make(client)) == ["Asked for export pulsar/1."]
    assert said(make(client)) == ["It is being made already."]
    export = Export.objects.get()
    assert export.by == admin
    fragment = text(client.get(URL, headers={"HX-Request": "true"}))
    assert 'hx-trigger="every 2s"' in fragment
    assert "Cancel export pulsar/1" in fragment
    assert "<h1>" not in fragment
    assert client.get(f"{URL}{export.pk}/labels.csv").status_code == 404

    done = worked(export)
    page = text(client.get(URL))
    assert "hx-trigger" not in page
    assert "Success" in page
    for name in ("labels.csv", "labels.parquet", "gone.csv", "manifest.json"):
        file = client.get(f"{URL}{export.pk}/{name}")
        assert b"".join(file.streaming_content) == (done.folder / name).read_bytes()
        assert file["Content-Disposition"] == f'attachment; filename="pulsar-1-{name}"'
    assert client.get(f"{URL}{export.pk}/passwd").status_code == 404
    assert said(make(client)) == [
        "No label is new, withdrawn or restored since export pulsar/1."
    ]
    (done.folder / "gone.csv").unlink()
    assert client.get(f"{URL}{export.pk}/gone.csv").status_code == 404


def test_what_cannot_be_exported_is_said_in_words(client, admin):
    assert said(make(client)) == ["There is no label to give out yet."]
    assert make(client, "nowhere").status_code == 404


def test_one_that_waits_ends_at_once_and_one_at_work_at_its_next_beat(
    client, admin, monkeypatch
):
    label(1)
    waiting = asked()
    assert said(client.post(f"{URL}{waiting.pk}/cancel/")) == []
    waiting.refresh_from_db()
    assert (waiting.state, waiting.open) == ("cancelled", None)

    at_work = asked()
    write = working.write

    def stopped(*args):
        client.post(f"{URL}{at_work.pk}/cancel/")
        assert "Stopping…" in text(client.get(URL))
        written = write(*args)
        args[2].now()
        return written

    monkeypatch.setattr(working, "write", stopped)
    done = worked(at_work)
    assert (done.state, done.open, done.manifest) == ("cancelled", None, {})
    assert not done.folder.exists()
    assert not done.exported.exists()
    told = Outbox.objects.filter(kind__startswith="export").values_list("kind", "about")
    assert list(told.order_by("pk")) == [
        ("export.cancelled", "export pulsar/1"),
        ("export.cancelled", "export pulsar/2"),
    ]


def test_the_repository_is_told_of_where_there_is_one(client, admin, reconfigured):
    label(1)
    done = worked(asked())
    assert "In the repository" not in text(client.get(URL))
    reconfigured("export", dvc_repository="/nowhere")
    page = text(client.get(URL))
    assert "waits" in page
    assert 'hx-trigger="every 10s"' in page
    commit = "0123456789abcdef"
    Export.objects.update(dvc_at=done.finished_at, dvc_commit=commit, dvc_note="N.")
    page = text(client.get(URL))
    assert f'title="{commit}">01234567</span>' in page
    assert '<small class="below">N.</small>' in page
    assert "hx-trigger" not in page


def test_a_researcher_reads_and_asks_for_nothing(client, admin, person):
    label(1)
    done = worked(asked())
    client.force_login(person("researcher", "rea"))
    page = text(client.get(URL))
    assert "Export the new labels" not in page
    assert "pulsar/1" in page
    assert make(client).status_code == 403
    assert client.post(f"{URL}{done.pk}/cancel/").status_code == 403
