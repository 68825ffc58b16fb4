"""Channels are made, changed, tested and removed on pages that give nothing away."""

import re

import pytest

from monitor.models import Alert, Channel, Delivery, Outbox, Rule
from monitor.telling import save, tell
from monitor.telling.forms import ChannelForm
from monitor.tests.alerted import NOON
from monitor.tests.receivers import SECRET, webhook
from monitor.views import channels as views

pytestmark = pytest.mark.django_db

LIST = "/monitor/alerts/channels/"
SENT = "/monitor/alerts/deliveries/"
HOOK = "https://hooks.example.org/services/T0KEN"


def filled(**values: str) -> dict[str, str]:
    return {
        "kind": "webhook",
        "name": "Hook",
        "address": HOOK,
        "least": "warning",
        "on": "on",
    } | values


@pytest.fixture
def admin(person):
    return person("admin")


@pytest.fixture
def browser(client, admin):
    client.force_login(admin)
    return client


@pytest.fixture
def operator(client, person):
    client.force_login(person("operator"))
    return client


@pytest.fixture
def begun(monkeypatch):
    """The commands that were started beside."""
    commands: list[list[str]] = []
    monkeypatch.setattr("monitor.processes.detached.start", commands.append)
    return commands


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


def names(answer) -> list[str]:
    """The channel of each message that is listed."""
    return [one.channel.name for one in answer.context["page"].deliveries]


def told(kind: str) -> list[tuple[str, str, dict]]:
    rows = Outbox.objects.filter(kind=kind).order_by("pk")
    return list(rows.values_list("about", "who", "detail"))


def test_where_nobody_is_told_it_says_so(browser):
    assert "Nobody is told." in text(browser.get(LIST))
    assert "Nothing was sent yet." in text(browser.get(SENT))


def test_a_webhook_is_made_with_a_secret_that_is_shown_once(browser, admin):
    answer = browser.post(f"{LIST}new/", filled(), follow=True)

    channel = Channel.objects.get()
    assert answer.redirect_chain == [(f"{LIST}{channel.pk}/", 302)]
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", channel.secret)
    assert channel.secret in text(answer)
    assert "no-store" in answer["Cache-Control"]
    assert channel.secret not in text(browser.get(f"{LIST}{channel.pk}/"))
    assert told("channel.created") == [
        (
            "channel Hook",
            str(admin.pk),
            {
                "by": "webhook",
                "name": "Hook",
                "on": True,
                "least": "warning",
                "night_report": False,
            },
        )
    ]


@pytest.mark.parametrize(
    ("values", "field", "error"),
    [
        (
            {"kind": "mail", "address": "ana@example.org"},
            "kind",
            "No mail leaves this site: mail.host in config.yaml is empty.",
        ),
        ({"name": " Taken "}, "name", "There is a channel “Taken” already."),
        ({"address": ""}, "address", "This field is required."),
        (
            {"address": "hooks.example.org"},
            "address",
            "It must look like https://hooks.example.org/….",
        ),
        (
            {"address": "ftp://example.org/"},
            "address",
            "It must look like https://hooks.example.org/….",
        ),
        (
            {"address": "https://example.org:port/"},
            "address",
            "It must look like https://hooks.example.org/….",
        ),
        (
            {"address": "https://ana:pass@example.org/"},
            "address",
            "It must hold no user or password: the signature says who calls.",
        ),
        (
            {"address": "https://example.org/two words"},
            "address",
            "Blanks and letters beyond ASCII must be written as %….",
        ),
        (
            {"kind": "apprise", "address": "dbus://"},
            "address",
            "dbus:// speaks to this machine itself, where nobody would see it.",
        ),
    ],
)
def test_what_cannot_be_used_is_said(browser, values, field, error):
    webhook(HOOK, "Taken")
    answer = browser.post(f"{LIST}new/", filled(**values))

    assert answer.status_code == 422
    assert answer.context["form"].errors == {field: [error]}
    assert Channel.objects.count() == 1


@pytest.mark.parametrize(
    ("host", "kind"), [("mail.example.org", "mail"), ("", "webhook")]
)
def test_the_first_way_of_telling_that_works_is_chosen(browser, settings, host, kind):
    settings.EMAIL_HOST = host
    page = text(browser.get(f"{LIST}new/"))
    assert re.findall(
        '<input type="radio" name="kind" value="([a-z]+)"[^>]* checked', page
    ) == [kind]


def test_an_address_of_apprise_is_kept_as_it_is(browser):
    assert "ntfys://" in text(browser.get(f"{LIST}new/"))
    address = "json://ana:pass@127.0.0.1/path?overflow=split"
    browser.post(f"{LIST}new/", filled(kind="apprise", address=address))
    channel = Channel.objects.get()
    assert (channel.kind, channel.address, channel.secret) == ("apprise", address, "")


def test_mail_goes_to_several_people(browser, settings):
    settings.EMAIL_HOST = "mail.example.org"
    address = "ana@example.org; ben@example.org\tana@example.org"
    browser.post(f"{LIST}new/", filled(kind="mail", address=address))
    assert Channel.objects.get().address == "ana@example.org, ben@example.org"

    wrong = filled(kind="mail", name="Wrong", address="ana@example.org, ben")
    answer = browser.post(f"{LIST}new/", wrong)
    assert answer.context["form"].errors == {
        "address": ["“ben” is no address of mail."]
    }
    many = ",".join(f"a{n}@example.org" for n in range(51))
    answer = browser.post(f"{LIST}new/", filled(kind="mail", name="M", address=many))
    assert answer.context["form"].errors == {
        "address": ["These are more than 50 addresses."]
    }


def test_an_address_that_is_saved_is_shown_to_nobody(browser, operator, admin):
    channel = webhook(HOOK)
    pages = [operator.get(LIST), operator.get(SENT)]
    operator.force_login(admin)
    addresses = (LIST, f"{LIST}{channel.pk}/", f"{LIST}{channel.pk}/remove/")
    pages += [operator.get(address) for address in addresses]

    assert [page.status_code for page in pages] == [200] * 5
    for page in pages:
        assert "T0KEN" not in text(page)
        assert SECRET not in text(page)
    assert "https://hooks.example.org/…" in text(pages[0])


def test_left_empty_the_address_stays_and_only_changes_are_told(browser, admin):
    channel = webhook(HOOK)
    changed = filled(address="", least="critical", night_report="on", revision="1")
    answer = browser.post(f"{LIST}{channel.pk}/", changed)

    assert answer.url == LIST
    channel.refresh_from_db()
    assert (channel.address, channel.least, channel.night_report) == (
        HOOK,
        "critical",
        True,
    )
    assert told("channel.changed") == [
        ("channel Hook", str(admin.pk), {"least": "critical", "night_report": True})
    ]


def test_another_address_is_checked_and_never_told(browser):
    channel = webhook(HOOK)
    page = f"{LIST}{channel.pk}/"
    answer = browser.post(page, filled(address="nowhere", revision="1"))
    assert answer.status_code == 422

    browser.post(page, filled(address=f"{HOOK}2", revision="1"))
    channel.refresh_from_db()
    assert channel.address == f"{HOOK}2"
    assert [detail for *_, detail in told("channel.changed")] == [
        {"address": "another"}
    ]


def test_who_saves_second_is_told_that_nothing_was_saved(browser):
    channel = webhook(HOOK)
    page = f"{LIST}{channel.pk}/"
    browser.post(page, filled(name="First", revision="1"))
    answer = browser.post(page, filled(name="Second", revision="1"), follow=True)

    assert "Nothing was saved: Somebody has changed this channel" in text(answer)
    assert Channel.objects.get().name == "First"


def test_two_of_one_name_are_refused_in_the_same_moment(browser, admin, monkeypatch):
    monkeypatch.setattr(ChannelForm, "clean_name", lambda form: "Hook")
    other = webhook(HOOK, "Other")
    webhook(HOOK)
    answer = browser.post(f"{LIST}new/", filled())
    assert answer.status_code == 409
    assert "There is a channel “Hook” already." in text(answer)

    change = filled(address="", revision="1")
    answer = browser.post(f"{LIST}{other.pk}/", change, follow=True)
    words = "Nothing was saved: There is a channel “Hook” already."
    assert words in text(answer)


def test_who_is_second_in_the_same_moment_changes_nothing(browser, admin, monkeypatch):
    channel = webhook(HOOK)

    def twice(verb):
        def answer(*given, by):
            verb(*given, by=by)
            return verb(*given, by=by)

        return answer

    monkeypatch.setattr(views, "renew_secret", twice(save.renew_secret))
    answer = browser.post(f"{LIST}{channel.pk}/secret/", follow=True)
    assert "Somebody has changed this channel since" in text(answer)
    monkeypatch.setattr(views, "remove", twice(save.remove))
    answer = browser.post(f"{LIST}{channel.pk}/remove/", follow=True)
    assert "Somebody has removed this channel already." in text(answer)


def test_another_secret_is_shown_once(browser, admin):
    channel = webhook(HOOK)
    answer = browser.post(f"{LIST}{channel.pk}/secret/", follow=True)

    channel.refresh_from_db()
    assert channel.secret != SECRET
    assert channel.secret in text(answer)
    assert told("channel.changed") == [
        ("channel Hook", str(admin.pk), {"secret": "another"})
    ]
    mail = Channel.objects.create(name="M", kind="mail", address="a@example.org")
    assert browser.post(f"{LIST}{mail.pk}/secret/").status_code == 404


def test_a_test_is_queued_and_its_outcome_appears(browser, begun):
    channel = webhook(HOOK)
    answer = browser.post(f"{LIST}{channel.pk}/test/", follow=True)

    assert begun == [["deliver"]]
    assert 'hx-trigger="every 2s"' in text(answer)
    assert "Queued" in text(answer)

    Delivery.objects.update(state="failed", error="It timed out.")
    part = browser.get(LIST, headers={"HX-Request": "true"})
    assert 'hx-trigger="every 15s"' in text(part)
    assert "It timed out." in text(part)
    assert "<html" not in text(part)


def test_removal_asks_first_and_says_what_goes(browser, admin):
    channel = webhook(HOOK)
    tell.trial(channel)
    rule = Rule.objects.create(name="Hosts", condition="down", tells_all=False)
    rule.channels.add(channel)
    page = text(browser.get(f"{LIST}{channel.pk}/remove/"))
    assert "Remove Hook?" in page
    assert "what was sent to it (1)" in page
    assert ">Hosts</a>" in page

    answer = browser.post(f"{LIST}{channel.pk}/remove/")
    assert answer.url == LIST
    assert (Channel.objects.count(), Delivery.objects.count()) == (0, 0)
    assert told("channel.removed") == [("channel Hook", str(admin.pk), {})]
    assert browser.post(f"{LIST}{channel.pk}/remove/").status_code == 404


def test_an_operator_looks_and_changes_nothing(operator, begun):
    channel = webhook(HOOK)
    page = text(operator.get(LIST))
    assert "New channel" not in page
    assert ">Test<" not in page
    addresses = [f"{LIST}new/", f"{LIST}{channel.pk}/"]
    addresses += [
        f"{LIST}{channel.pk}/{what}/" for what in ("remove", "test", "secret")
    ]
    assert [operator.post(one).status_code for one in addresses] == [403] * 5
    assert begun == []


def test_a_message_says_how_it_fares(operator):
    alert = Alert.objects.create(
        cause="x", severity="warning", title="It <broke>", begun_at=NOON
    )
    tell.opened(alert, [webhook(HOOK)])
    Delivery.objects.update(tries=3, error="It timed out.")
    page = text(operator.get(SENT))

    assert "It &lt;broke&gt;" in page
    assert f'href="/monitor/alerts/{alert.pk}/"' in page
    assert "Trying again" in page
    assert "It timed out." in page
    assert '<td class="number">3</td>' in page


def test_an_operator_has_a_message_tried_at_once(operator, begun):
    tell.trial(webhook(HOOK))
    late = Delivery.objects.get()
    assert "Try again now" not in text(operator.get(SENT))
    Delivery.objects.update(state="failed", error="It timed out.")
    assert "Try again now" in text(operator.get(SENT))

    answer = operator.post(f"{SENT}{late.pk}/again/", follow=True)
    assert f"Message {late.pk} is tried again." in text(answer)
    assert begun == [["deliver"]]
    Delivery.objects.update(state="sent")
    answer = operator.post(f"{SENT}{late.pk}/again/", follow=True)
    assert f"Message {late.pk} needs no further try." in text(answer)


def test_messages_are_filtered_and_turned_over(operator):
    hook, other = webhook(HOOK), webhook(HOOK, "Other")
    for number in range(60):
        tell.trial(other if number == 0 else hook)
    Delivery.objects.filter(channel=other).update(state="failed")

    first = operator.get(SENT)
    assert [one.channel.name for one in first.context["page"].deliveries] == [
        "Hook"
    ] * 50
    assert "hx-trigger" in text(first)
    older = re.search(r'rel="next" href="([^"]+)"', text(first))[1]
    second = operator.get(f"{SENT}{older}", headers={"HX-Request": "true"})
    assert names(second) == [*["Hook"] * 9, "Other"]
    assert "hx-trigger" not in text(second)
    failed = operator.get(f"{SENT}?state=failed").context["page"]
    assert [one.channel.name for one in failed.deliveries] == ["Other"]
    assert (
        len(operator.get(f"{SENT}?channel={other.pk}").context["page"].deliveries) == 1
    )
    assert "No message fits." in text(operator.get(f"{SENT}?state=merged"))
    assert operator.get(f"{SENT}?state=lost").status_code == 422
    assert operator.get(f"{SENT}?before=rubbish").status_code == 200
