"""The pages on which versions are promoted, rolled back and made challengers."""

import pytest

from registry.models import Alias, AliasMove, Comparison, Version
from registry.promotion.promote import promote
from registry.tests.promoted import aliases, judged, versions

pytestmark = pytest.mark.django_db

REFUSED = Comparison.Outcome.REFUSED
VERSIONS = "/registry/"


@pytest.fixture
def three(tmp_path):
    return versions(tmp_path)


@pytest.fixture
def admin(client, person):
    client.force_login(person("admin", "ana"))
    return client


def page_of(version):
    return f"{version.get_absolute_url()}promote/"


def look(client, version):
    response = client.get(page_of(version))
    assert response.status_code == 200
    return response.content.decode()


def send(client, version, seen, act, reason=""):
    values = {"expected": seen.pk if seen else "", "act": act, "reason": reason}
    return client.post(page_of(version), values, follow=True)


def told(response):
    return [str(message) for message in response.context["messages"]]


def test_before_the_gate_was_asked_the_page_asks_it_and_offers_nothing_else(
    three, admin
):
    old, new, _ = three
    page = look(admin, new)
    assert f"{new} was not compared with {old}. Ask the gate first." in page
    assert 'value="ask"' in page
    assert 'value="promote"' not in page
    assert 'value="override"' not in page

    response = send(admin, new, old, "ask")
    comparison = Comparison.objects.get()
    assert (comparison.candidate, comparison.champion) == (new, old)
    assert comparison.by.username == "ana"
    page = response.content.decode()
    assert "held against each other" in page
    assert 'value="ask"' not in page
    assert f'hx-get="{page_of(new)}"' in page


def test_while_the_gate_is_at_work_htmx_gets_the_part_and_at_its_end_the_page(
    three, admin
):
    old, new, _ = three
    send(admin, new, old, "ask")
    htmx = {"HX-Request": "true"}
    part = admin.get(page_of(new), headers=htmx)
    assert part.content.decode().strip().startswith('<section id="gate"')
    assert "HX-Refresh" not in part.headers

    judged(new, old)
    assert admin.get(page_of(new), headers=htmx).headers["HX-Refresh"] == "true"


def test_a_gate_that_failed_can_be_asked_again_or_gone_past(three, admin):
    old, new, _ = three
    failed = judged(new, old)
    failed.state, failed.reason = "failed", "No rows are left."
    failed.save()
    page = look(admin, new)
    assert "It could not judge: No rows are left." in page
    assert 'value="ask"' in page
    assert 'value="override"' in page


def test_what_has_passed_is_promoted_by_one_button(three, admin):
    old, new, _ = three
    judged(new, old)
    page = look(admin, new)
    assert f"Nothing that {old} finds would be lost" in page
    assert 'value="promote"' in page
    assert 'value="override"' not in page

    response = send(admin, new, old, "promote")
    assert response.redirect_chain == [(new.get_absolute_url(), 302)]
    assert told(response) == [f"{new} is in production. {old} is kept to roll back to."]
    assert aliases() == {"champion": new, "rollback": old}
    assert "There is nothing to promote." in look(admin, new)


def test_what_was_refused_takes_a_written_reason(three, admin):
    old, new, _ = three
    judged(new, old, REFUSED, reasons=["J1 is lost."])
    page = look(admin, new)
    assert "<li>J1 is lost.</li>" in page
    assert 'value="promote"' not in page
    assert told(send(admin, new, old, "promote")) == [
        f"The gate refused {new}. J1 is lost."
    ]

    response = send(admin, new, old, "override", " ")
    assert response.status_code == 422
    assert "Say why: it stays in the history." in response.content.decode()
    assert aliases() == {"champion": old}

    send(admin, new, old, "override", "J1 is noise")
    assert aliases() == {"champion": new, "rollback": old}
    move = AliasMove.objects.filter(alias="champion").latest("pk")
    assert (move.is_override, move.reason, move.by.username) == (
        True,
        "J1 is noise",
        "ana",
    )
    assert "Went past the gate" in admin.get(VERSIONS).content.decode()


def test_a_second_window_is_told_what_happened_meanwhile(three, admin, person):
    old, new, third = three
    judged(third, old)
    promote(
        new,
        by=person("admin", "ben"),
        comparison=judged(new, old),
        expected=old,
        reason="mine",
    )
    response = send(admin, third, old, "promote")

    (words,) = told(response)
    assert words == (
        f"pulsar@champion was moved meanwhile: by ben to {new} (mine). Nothing was "
        "changed; look again, then decide."
    )
    assert aliases() == {"champion": new, "rollback": old}


@pytest.mark.parametrize(
    "values", [{"act": "conquer"}, {}, {"act": "promote", "expected": "x"}]
)
def test_what_no_page_sends_changes_nothing(three, admin, values):
    _, new, _ = three
    assert admin.post(page_of(new), values).status_code == 422
    assert admin.post("/registry/pulsar/roll-back/", {"expected": "x"}).url == VERSIONS
    assert AliasMove.objects.count() == 1


def test_without_a_champion_there_is_nothing_to_compare(three, admin):
    _, new, _ = three
    Alias.objects.all().delete()
    page = look(admin, new)
    assert "No version of pulsar is in production." in page
    assert 'value="promote"' in page
    send(admin, new, None, "promote")
    assert aliases() == {"champion": new}


def test_a_version_that_is_quarantined_is_shown_with_its_reason_and_no_button(
    three, admin
):
    _, new, _ = three
    Version.objects.filter(pk=new.pk).update(
        registration="QUARANTINED", reason="It has a loop."
    )
    words = "quarantined, and never loaded: It has a loop."
    page = admin.get(new.get_absolute_url()).content.decode()
    assert words in page
    assert "promote/" not in page
    assert "challenge/" not in page
    assert 'value="promote"' not in look(admin, new)
    entry = admin.get(VERSIONS).content.decode()
    assert '<span class="badge failed" title="It has a loop.">quarantined' in entry


def test_a_damaged_version_says_so_on_its_page_and_in_the_list(three, admin):
    old, *_ = three
    assert "damaged" not in admin.get(VERSIONS).content.decode()
    Version.objects.filter(pk=old.pk).update(damaged_at="2026-11-22T08:00:00Z")
    assert '<span class="badge failed">damaged' in admin.get(VERSIONS).content.decode()
    page = admin.get(old.get_absolute_url()).content.decode()
    assert "Its files are not those that were registered" in page


def test_a_roll_back_is_one_button_and_can_be_taken_back(three, admin):
    old, new, _ = three
    assert "Roll back to" not in admin.get(VERSIONS).content.decode()
    promote(new, by=None, comparison=judged(new, old), expected=old)
    page = admin.get(VERSIONS).content.decode()
    assert f"Roll pulsar back from {new} to {old}" in page
    back = {"expected": new.pk, "reason": "misses"}
    response = admin.post("/registry/pulsar/roll-back/", back, follow=True)

    assert aliases() == {"champion": old, "rollback": new}
    assert told(response) == [f"{old} is in production again; {new} is kept behind it."]
    assert f"Roll pulsar back from {old} to {new}" in response.content.decode()
    # Sent twice it is done once.
    response = admin.post("/registry/pulsar/roll-back/", back, follow=True)
    (words,) = told(response)
    assert words.startswith("pulsar@champion was moved meanwhile: by ana to")
    assert aliases() == {"champion": old, "rollback": new}


def test_a_version_is_made_the_challenger_on_its_page(three, admin):
    champion, new, _ = three
    address = f"{new.get_absolute_url()}challenge/"
    page = admin.get(new.get_absolute_url()).content.decode()
    assert f'action="{address}"' in page
    assert f"/registry/compare/?a={new}&amp;b={champion}" in page
    response = admin.post(address, follow=True)

    assert told(response) == [f"{new} is the challenger."]
    assert aliases() == {"champion": champion, "challenger": new}
    page = response.content.decode()
    assert "Staging" in page
    assert f'action="{address}"' not in page
    response = admin.post(f"{champion.get_absolute_url()}challenge/", follow=True)
    assert told(response) == [
        f"{champion} is in production, and cannot challenge itself."
    ]


def test_who_may_not_move_an_alias_sees_no_button(three, client, person):
    old, new, _ = three
    promote(new, by=None, comparison=judged(new, old), expected=old)
    client.force_login(person("operator"))
    for address in (VERSIONS, old.get_absolute_url(), new.get_absolute_url()):
        page = client.get(address).content.decode()
        for words in ("Roll back", "promote/", "challenge/"):
            assert words not in page
    assert client.get(page_of(old)).status_code == 403
    for address in (
        page_of(old),
        f"{old.get_absolute_url()}challenge/",
        "/registry/pulsar/roll-back/",
    ):
        assert client.post(address).status_code == 403
    assert aliases() == {"champion": new, "rollback": old}
