"""Rules are made, tried, changed, switched and removed on pages."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils.timezone import now

from monitor.models import Alert, Channel, Check, Outbox, Rule, Sample
from monitor.tests.alerted import rule

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(person, client):
    user = person("admin", "ada")
    client.force_login(user)
    return user


@pytest.fixture
def mail():
    return Channel.objects.create(name="All", kind="mail", address="a@example.org")


def filled(**values) -> dict:
    """The form of a rule as an admin fills it in, but for these values."""
    return {
        "name": "Mine",
        "watches": "kind:host",
        "condition": "down",
        "value": "",
        "minutes": "2",
        "severity": "warning",
        "whom": "all",
    } | values


def down(slug: str = "host-a", kind: str = "host") -> Check:
    return Check.objects.create(
        slug=slug, kind=kind, name=slug, state="down", looked_at=now()
    )


def stored(rule: Rule) -> dict:
    names = ("condition", "kind", "slug", "figure", "value", "for_seconds", "severity")
    return {name: getattr(rule, name) for name in names}


def test_the_list_says_each_rule_as_a_sentence(client, admin, mail):
    rule(name="Hosts", kind="host", for_seconds=120, severity="critical")
    some = rule("above", name="Load", figure="load", value=1.5, tells_all=False)
    some.channels.add(mail)
    says = [says for _, says in client.get(reverse("monitor:rules")).context["rules"]]
    assert says == [
        "When a host is down for 2 min, open a critical alert and tell every channel.",
        "When the figure “load” is above 1.5, open a warning and tell All.",
    ]


@pytest.mark.parametrize(
    ("given", "made"),
    [
        ({}, {"kind": "host"}),
        ({"watches": "everything", "minutes": "0"}, {"for_seconds": 0}),
        ({"watches": "slug:host-a", "condition": "stale"}, {"slug": "host-a"}),
        (
            {"watches": "figure:load", "condition": "above", "value": "1.5"},
            {"figure": "load", "value": 1.5},
        ),
        ({"minutes": "0.5", "severity": "critical", "value": "7"}, {"for_seconds": 30}),
    ],
)
def test_a_rule_is_made_as_it_was_filled_in(client, admin, mail, given, made):
    down()
    Sample.objects.create(name="load", value=1)
    answer = client.post(reverse("monitor:rule-new"), filled(**given))
    assert answer.url == reverse("monitor:rules")
    one = Rule.objects.get()
    nothing = {"kind": "", "slug": "", "figure": "", "value": None, "for_seconds": 120}
    expected = nothing | {
        "condition": given.get("condition", "down"),
        "severity": given.get("severity", "warning"),
    }
    if given.keys() <= {"minutes", "severity", "value"}:
        expected["kind"] = "host"
    assert stored(one) == expected | made
    assert (one.shipped, one.on, one.tells_all) == (None, True, True)
    event = Outbox.objects.get(kind="rule.created")
    assert (event.about, event.who) == ("rule Mine", str(admin.pk))


def test_chosen_channels_are_told_alone(client, admin, mail):
    Channel.objects.create(name="Others", kind="mail", address="b@example.org")
    given = filled(whom="some", channels=[mail.pk])
    client.post(reverse("monitor:rule-new"), given)
    one = Rule.objects.get()
    assert (one.tells_all, list(one.channels.all())) == (False, [mail])


@pytest.mark.parametrize(
    ("given", "field", "words"),
    [
        ({"name": ""}, "name", "This field is required."),
        ({"watches": "kind:spaceship"}, "watches", "Select a valid choice."),
        (
            {"condition": "above", "value": "1"},
            "condition",
            "A figure is above or below a bound; all else is down or not read.",
        ),
        (
            {"watches": "figure:load", "condition": "below"},
            "value",
            "A figure needs a bound.",
        ),
        (
            {"watches": "figure:load", "condition": "below", "value": "nan"},
            "value",
            "Enter a number.",
        ),
        (
            {
                "watches": "figure:load",
                "condition": "below",
                "value": "1",
                "minutes": "1441",
            },
            "minutes",
            "Of a figure, at most 1440 (a day) are read.",
        ),
        ({"minutes": "-1"}, "minutes", "greater than or equal to 0"),
        ({"minutes": "1e9"}, "minutes", "less than or equal to 10080"),
        ({"whom": "some"}, "channels", "Choose whom to tell, or tell every channel."),
    ],
)
def test_what_cannot_be_a_rule_is_refused_beside_its_field(
    client, admin, given, field, words
):
    Sample.objects.create(name="load", value=1)
    answer = client.post(reverse("monitor:rule-new"), filled(**given))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    assert words in str(answer.context["form"].errors[field])
    assert not Rule.objects.exists()


def test_trying_says_the_sentence_and_the_numbers_and_writes_nothing(client, admin):
    down("host-a")
    Check.objects.update(since=now().replace(year=2020))
    down("host-b")
    down("broker", "broker")
    given = filled(**{"try": "1"})
    answer = client.post(reverse("monitor:rule-new"), given)
    assert answer.context["sentence"] == (
        "When a host is down for 2 min, open a warning and tell every channel."
    )
    rehearsal = answer.context["rehearsal"]
    found = [(one.cause, one.is_enough) for one in rehearsal.found]
    assert found == [("host-a", True), ("host-b", False)]
    assert (rehearsal.n_alerts, rehearsal.n_holding) == (1, 2)
    assert "Now it would open 1 alert" in answer.content.decode()
    counts = [model.objects.count() for model in (Rule, Alert, Outbox)]
    assert counts == [0, 0, 0]


def test_trying_a_figure_shows_its_newest_value(client, admin):
    Sample.objects.create(name="load", value=3, labels={"cpu": "1"})
    given = {"watches": "figure:load", "condition": "above", "value": "5"}
    answer = client.post(reverse("monitor:rule-new"), filled(**given, **{"try": "1"}))
    one = answer.context["rehearsal"].found[0]
    assert (one.cause, one.is_enough) == ("figure load (cpu 1)", False)
    assert one.numbers[0] == ["newest value", "3", "above 5"]
    assert "Now it does not hold" in answer.content.decode()


def test_a_rule_is_changed_and_opens_as_it_stands(client, admin, mail):
    one = rule(name="Old", kind="host", for_seconds=90, tells_all=False)
    one.channels.add(mail)
    page = client.get(one.get_absolute_url())
    form = page.context["form"]
    assert form.initial == {
        "name": "Old",
        "watches": "kind:host",
        "condition": "down",
        "value": None,
        "minutes": "1.5",
        "severity": "warning",
        "whom": "some",
        "channels": [mail.pk],
        "revision": 1,
    }
    client.post(one.get_absolute_url(), filled(revision="1", watches="everything"))
    one.refresh_from_db()
    assert (one.name, one.kind, one.revision, one.tells_all) == ("Mine", "", 2, True)
    assert not one.channels.exists()
    assert Outbox.objects.get(kind="rule.changed").detail["says"].startswith("When any")


def test_two_who_edit_are_told_and_a_second_press_saves(client, admin):
    one = rule(name="Old", kind="host")
    Rule.objects.update(name="Theirs", kind="broker", revision=2)
    answer = client.post(one.get_absolute_url(), filled(revision="1"))
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "Somebody has changed this rule since you opened it." in text
    assert "When the broker is down, open a warning and tell every channel." in text
    assert Rule.objects.get().name == "Theirs"
    again = answer.context["form"].data["revision"]
    client.post(one.get_absolute_url(), filled(revision=again))
    assert Rule.objects.get().name == "Mine"


def test_what_was_filled_in_for_a_rule_that_was_removed_is_kept(client, admin):
    one = rule(name="Old")
    url = one.get_absolute_url()
    one.delete()
    answer = client.post(url, filled(revision="1"))
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "Somebody has removed this rule" in text
    assert f'action="{reverse("monitor:rule-new")}"' in text
    assert client.get(url).status_code == 404


def test_a_rule_is_switched_once_however_often_it_is_pressed(client, admin):
    one = rule(name="Old", shipped="host-down")
    url = reverse("monitor:rule-switch", args=[one.pk])
    for _ in range(2):
        client.post(url)
    one.refresh_from_db()
    assert (one.on, one.revision) == (False, 2)
    client.post(url, {"on": "1"})
    one.refresh_from_db()
    assert one.on
    told = Outbox.objects.filter(kind="rule.changed").order_by("pk")
    assert [event.detail for event in told] == [{"switched": "off"}, {"switched": "on"}]


def test_a_rule_of_ones_own_is_removed_and_a_shipped_one_is_not(client, admin):
    mine, shipped = rule(name="Mine"), rule(name="Shipped", shipped="host-down")
    for one in (mine, shipped):
        answer = client.post(reverse("monitor:rule-remove", args=[one.pk]))
    assert [str(message) for message in get_messages(answer.wsgi_request)][-1] == (
        "It came with the site: it can be switched off, not removed."
    )
    assert list(Rule.objects.all()) == [shipped]
    assert Outbox.objects.get(kind="rule.removed").about == "rule Mine"
    assert "Remove this rule" not in str(client.get(shipped.get_absolute_url()).content)


def test_the_form_offers_all_that_is_looked_at_and_every_figure(client, admin):
    down()
    for name in ("b", "a", "b"):
        Sample.objects.create(name=name, value=1)
    gone = rule("above", figure="gone", value=1)
    shown = client.get(gone.get_absolute_url()).content.decode()
    for value in ("slug:host-a", "figure:a", "figure:gone", "kind:job", "everything"):
        assert f'value="{value}"' in shown


@pytest.mark.parametrize("role", ["researcher", "operator", "admin"])
def test_only_admins_make_rules_and_operators_read_them(client, person, role):
    one = rule(name="Old")
    client.force_login(person(role))
    page = client.get(reverse("monitor:rules"))
    assert page.status_code == (403 if role == "researcher" else 200)
    may = role == "admin"
    if role != "researcher":
        assert (b"Switch off" in page.content) == may
        assert (b"New rule" in page.content) == may
    for url in (reverse("monitor:rule-new"), one.get_absolute_url()):
        assert client.get(url).status_code == (200 if may else 403)
    for name in ("rule-switch", "rule-remove"):
        url = reverse(f"monitor:{name}", args=[one.pk])
        assert client.post(url).status_code == (302 if may else 403)
