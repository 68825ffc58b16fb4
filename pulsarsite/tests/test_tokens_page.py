"""People make tokens for programs, see them, and revoke them."""

import re

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Token
from accounts.tokens.make import digest
from monitor.models import Outbox

pytestmark = pytest.mark.django_db

PAGE = "/accounts/tokens/"


@pytest.fixture
def ana(client, person):
    ana = person("researcher", "ana")
    client.force_login(ana)
    return ana


def recorded() -> list[tuple]:
    found = Outbox.objects.filter(kind__startswith="token.").order_by("pk")
    return [(one.kind, one.about, one.who, one.detail) for one in found]


def test_without_any_it_is_told_what_they_are_for(client, ana):
    page = client.get(PAGE).content.decode()
    assert "You have none yet." in page
    assert "psr_" not in page


def test_a_new_key_is_shown_once(client, ana):
    made = client.post(PAGE, {"name": "nightly survey", "days": "30"})
    (key,) = set(re.findall(r"ps[rw]_[\w-]{43}", made.content.decode()))
    token = Token.objects.get()

    assert made.status_code == 201
    assert (token.user, token.name, token.read_only) == (ana, "nightly survey", True)
    assert token.key_sha256 == digest(key)
    assert (token.expires_at - token.created_at).days in {29, 30}
    later = client.get(PAGE).content.decode()
    assert key not in later
    assert f"{token.hint}…" in later
    assert "nightly survey" in later
    ends = str(token.expires_at)
    assert recorded() == [
        (
            "token.created",
            str(token),
            str(ana.pk),
            {"of": ana.pk, "read_only": True, "ends": ends},
        )
    ]


def test_one_that_writes_has_to_be_asked_for(client, ana):
    made = client.post(PAGE, {"name": "uploads", "writes": "on", "days": ""})
    token = Token.objects.get()
    assert "psw_" in made.content.decode()
    assert (token.read_only, token.expires_at) == (False, None)


@pytest.mark.parametrize(
    "given", [{"name": ""}, {"name": "a", "days": "0"}, {"name": "a" * 101}]
)
def test_what_cannot_be_is_told_and_nothing_made(client, ana, given):
    assert client.post(PAGE, given).status_code == 422
    assert Token.objects.count() == 0


def test_one_is_revoked_and_stays_listed(client, ana):
    client.post(PAGE, {"name": "nightly survey"})
    token = Token.objects.get()
    revoke = f"{PAGE}{token.pk}/revoke/"

    assert client.post(revoke).url == PAGE
    assert client.post(revoke).url == PAGE
    page = client.get(PAGE).content.decode()
    assert "revoked" in page
    assert revoke not in page
    assert [kind for kind, *_ in recorded()] == ["token.created", "token.revoked"]


def test_those_of_others_are_not_there(client, ana, person):
    client.post(PAGE, {"name": "nightly survey"})
    token = Token.objects.get()
    client.force_login(person("admin"))

    assert "nightly survey" not in client.get(PAGE).content.decode()
    assert client.post(f"{PAGE}{token.pk}/revoke/").status_code == 404
    assert Token.objects.get().revoked_at is None


def test_the_command_prints_the_key_alone(ana, capsys):
    call_command("create_token", "ana", "--read-only", "--expires", "7")
    key = capsys.readouterr().out.strip()
    token = Token.objects.get()
    assert (token.key_sha256, token.read_only) == (digest(key), True)
    assert token.name == "made at the command line"

    call_command("create_token", str(ana.pk), "--name", "survey", "--json")
    assert '"key": "psw_' in capsys.readouterr().out
    assert [kind for kind, *_ in recorded()] == ["token.created"] * 2


def test_the_command_refuses_in_words(ana):
    with pytest.raises(CommandError, match="There is no user bob"):
        call_command("create_token", "bob")
    with pytest.raises(CommandError, match="--expires takes 1 to 3650 days"):
        call_command("create_token", "ana", "--expires", "0")
    ana.is_active = False
    ana.save()
    with pytest.raises(CommandError, match="may not log in"):
        call_command("create_token", "ana")
    assert Token.objects.count() == 0
