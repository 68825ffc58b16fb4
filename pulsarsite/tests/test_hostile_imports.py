"""Hostile files at the other doors: labels, datasets, sentinels, the catalogue."""

import pytest
from django.core.management import CommandError, call_command

from monitor.work import State
from registry.datasets.build import build as work_on
from registry.models import Build
from showroom.tests import hostile
from showroom.tests.watched import within_limits

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# The readers are those of the Showroom, which takes all of them.
_STEP = 30
_PAGES = {
    "labels": "/registry/labels/import/",
    "datasets": "/registry/datasets/import/",
    "sentinels": "/registry/sentinels/add/",
}


def some():
    """Of every category the first, and each thirtieth."""
    return [
        bad for name in hostile.CATEGORIES for bad in hostile.category(name)[::_STEP]
    ]


@pytest.fixture
def post(client, person):
    """Bring a file as an admin, and read the page that this leads to."""
    admin = person("admin")
    client.force_login(admin)

    def brought(address: str, bad: hostile.Bad):
        body = hostile.form([(bad.name, bad.content)], "file")
        for field, value in {"survey": "HTRU-S", "person": admin.pk}.items():
            part = f'--edge\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n'
            body = f"{part}{value}\r\n".encode() + body
        return client.post(address, body, content_type=hostile.FORM)

    return brought


@pytest.mark.parametrize("door", ["labels", "datasets"])
def test_what_is_brought_in_ends_in_words(client, post, door, storage):
    for bad in some():
        with within_limits(bad.name):
            answer = post(_PAGES[door], bad)
            if answer.status_code == 422:
                continue
            assert answer.status_code == 302, (bad.name, answer.content.decode())
            asked = Build.objects.latest("pk")
            work_on(asked)
        asked.refresh_from_db()
        assert asked.state in {State.SUCCESS, State.FAILED}, bad.name
        assert "A fault of this site" not in asked.reason, (bad.name, asked.reason)
        assert str(storage) not in asked.reason
        assert asked.state == State.SUCCESS or asked.reason, bad.name
        assert client.get(asked.get_absolute_url()).status_code == 200, bad.name
        rejects = client.get(f"{asked.get_absolute_url()}rejects.csv")
        assert b"".join(rejects.streaming_content), bad.name


def test_what_is_no_list_of_sentinels_is_refused_in_words(post, storage):
    statuses = set()
    for bad in some():
        with within_limits(bad.name):
            answer = post(_PAGES["sentinels"], bad)
        statuses.add(answer.status_code)
        assert answer.status_code in {302, 422}, (bad.name, answer.status_code)
        assert str(storage) not in answer.content.decode()
    assert statuses == {302, 422}


def test_what_is_no_catalogue_is_refused_in_words(db, tmp_path):
    for bad in some():
        path = tmp_path / "catalogue"
        path.write_bytes(bad.content)
        with within_limits(bad.name), pytest.raises(CommandError):
            call_command("catalogue_import", file=path)
