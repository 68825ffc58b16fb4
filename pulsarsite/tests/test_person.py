"""All that is known of a person: given out, erased, and written down in the docs."""

import io
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from axes.models import AccessAttempt, AccessLog
from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import OperationalError, connections

from accounts.models import Preference, User
from accounts.privacy import places
from dispatch.tests.rows import schedule_row
from monitor.events import record
from monitor.models import Alert, Channel, Outbox, Switch
from monitor.pump import pump
from pulsar_ml.tests import simulated
from registry.models import Build, Label, Sentinel
from registry.ship import register_shipped
from registry.tests.labels import digest, features
from registry.tests.made import dataset as registry_dataset
from registry.tests.run_rows import run_row
from showroom.models import Batch

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def ana(person, client):
    """A researcher who has left her traces everywhere."""
    ana = person("researcher", "ana")
    User.objects.filter(pk=ana.pk).update(email="ana@example.org", first_name="Ana")
    ana.refresh_from_db()
    client.post("/accounts/login/", {"username": "ana", "password": "wrong"})
    Preference.objects.create(user=ana, zone="Europe/Berlin")
    for n, whose in enumerate([ana, ana, person("researcher", "ben")]):
        Label.objects.create(
            hash=digest(n),
            features=features(n),
            verdict="RFI",
            drawn="queue",
            person=whose,
            at=AT,
        )
    AccessLog.objects.create(username="Ana", ip_address="10.0.0.1", attempt_time=AT)
    admin = person("admin", "ada")
    LogEntry.objects.create(
        user=admin,
        content_type=ContentType.objects.get_for_model(User),
        object_id=str(ana.pk),
        object_repr="ana",
        action_flag=CHANGE,
    )
    Switch.objects.create(job="prune", on=False, at=AT, who=str(ana.pk))
    record("label.withdrawn", about="label 1", who=ana)
    return ana


def erased(*arguments: str) -> str:
    out = io.StringIO()
    call_command("person_erase", *arguments, stdout=out)
    return out.getvalue()


def exported(user: str) -> dict:
    out = io.StringIO()
    call_command("person_export", user, stdout=out)
    return json.loads(out.getvalue())


def test_everything_under_a_person_is_given_out(client, ana):
    client.force_login(ana)
    given = exported("ana")
    account = given["account"]
    assert "password" not in account
    assert (account["username"], account["email"]) == ("ana", "ana@example.org")
    assert account["groups"] == ["researcher"]
    assert len(given["sessions"]) == 1
    assert {name: len(rows) for name, rows in given["rows"].items()} == {
        "accounts.Preference.user": 1,
        "accounts.User_groups.user": 1,
        "axes.AccessAttempt.username": 1,
        # The one above, and what axes writes of each log-in.
        "axes.AccessLog.username": 2,
        "monitor.Outbox.who": 1,
        "monitor.Switch.who": 1,
        "registry.Label.person": 2,
    }
    label = given["rows"]["registry.Label.person"][0]
    assert (label["verdict"], label["features"]) == ("RFI", features(0))
    assert given["rows"]["accounts.Preference.user"][0]["zone"] == "Europe/Berlin"


def test_to_give_out_is_recorded_by_number_alone(ana):
    exported(str(ana.pk))
    event = Outbox.objects.get(kind="person.exported")
    assert (event.about, event.who, event.detail) == (f"user {ana.pk}", "", {})


@pytest.mark.engines
def test_the_person_goes_and_what_they_said_stays(client, ana):
    client.force_login(ana)
    other = client.session.session_key
    number = ana.pk
    told = erased("ana", "--yes")
    assert "Stays        2  registry.Label.person" in told
    assert "Goes         1  accounts.User" in told
    assert told.endswith(f"Erased. In what stays they are number {number}.\n")
    assert not User.objects.filter(pk=number).exists()
    whose = Label.objects.order_by("pk").values_list("person__username", flat=True)
    assert list(whose) == [None, None, "ben"]
    assert Label.objects.current().count() == 3
    assert not Session.objects.filter(pk=other).exists()
    assert not Preference.objects.exists()
    assert not AccessAttempt.objects.exists()
    assert not AccessLog.objects.exists()
    assert LogEntry.objects.get().object_repr == f"user {number}"
    assert Switch.objects.get().who == str(number)
    assert client.get("/registry/labels/").status_code == 302


@pytest.mark.engines
def test_no_column_of_any_table_has_the_name_any_more(ana):
    record("person.exported", about=f"user {ana.pk}")
    pump()
    erased("ana", "--yes")
    for model in apps.get_models(include_auto_created=True):
        for row in model._base_manager.all():
            values = {f.attname: getattr(row, f.attname) for f in row._meta.fields}
            values.pop("cause", None)
            words = re.findall(r"[\w@.]+", json.dumps(values, default=str).lower())
            assert not {"ana", "ana@example.org"} & set(words), (model, values)


def test_the_erasure_is_recorded_by_number_alone(ana):
    number = ana.pk
    erased("ana", "--yes")
    event = Outbox.objects.get(kind="person.erased")
    assert (event.about, event.who) == (f"user {number}", "")
    assert event.detail["kept"]["registry.Label.person"] == 2
    assert "ana" not in json.dumps(event.detail)


def test_a_page_names_nobody_who_was_erased(client, ana):
    erased("ana", "--yes")
    client.force_login(User.objects.get(username="ada"))
    labels = client.get("/registry/labels/").content.decode()
    assert "erased" in labels
    assert "ana" not in re.findall(r"\w+", labels)


@pytest.mark.parametrize(("answer", "goes"), [("ana", True), ("y", False), ("", False)])
def test_it_is_asked_for_by_name(ana, monkeypatch, answer, goes):
    monkeypatch.setattr("builtins.input", lambda _question: answer)
    told = erased("ana")
    assert User.objects.filter(username="ana").exists() is not goes
    assert ("Nobody was erased." in told) is not goes


def test_where_nobody_can_answer_nobody_is_erased(ana, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert "Nobody was erased." in erased("ana")
    assert User.objects.filter(username="ana").exists()


def test_the_last_admin_stays(ana):
    with pytest.raises(CommandError, match="ada is the last admin who can log in"):
        erased("ada", "--yes")
    assert User.objects.filter(username="ada").exists()
    assert not Outbox.objects.filter(kind="person.erased").exists()


def test_one_of_two_admins_can_go(ana, person):
    person("admin", "eve")
    erased("ada", "--yes")
    with pytest.raises(CommandError, match="eve is the last admin"):
        erased("eve", "--yes")


def test_a_channel_to_their_address_is_told(ana, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO())
    Channel.objects.create(name="mail", kind="mail", address="ana@example.org")
    assert "A channel writes to this person's address" in erased("ana")


@pytest.mark.parametrize("command", ["person_export", "person_erase"])
@pytest.mark.parametrize("name", ["nobody", "99999", "²"])
def test_who_is_not_there_is_told(db, command, name):
    with pytest.raises(CommandError, match=f"There is no user {name}"):
        call_command(command, name)


@pytest.mark.parametrize("arguments", [["person_export"], ["person_erase", "--yes"]])
def test_while_the_event_log_is_away_that_is_said_and_nothing_done(ana, arguments):
    def away(*_: object) -> None:
        raise OperationalError("no route to it")

    with (
        connections["events"].execute_wrapper(away),
        pytest.raises(CommandError, match="does not answer: no route to it"),
    ):
        call_command(*arguments, "ana")
    assert User.objects.filter(username="ana").exists()
    assert not Outbox.objects.filter(kind__startswith="person.").exists()


def test_log_ins_that_have_ended_are_forgotten(ana, client):
    client.force_login(ana)
    Session.objects.create(session_key="old", expire_date=AT - timedelta(days=900))
    call_command("prune")
    assert Session.objects.get().pk == client.session.session_key


def test_every_page_of_what_a_person_made_opens_and_names_nobody(client, ana):
    data = registry_dataset(simulated.table(40), created_by=ana)
    run = run_row("failed", dataset=data, by=ana, notes="Odd.", reason="Away.")
    build = Build.objects.create(kind="import", name="sky", state="failed", by=ana)
    Sentinel.objects.create(
        name="J0001", hash=digest(8), features=features(8), added_by=ana
    )
    Label.objects.filter(person=ana, hash=digest(0)).update(current=None, build=build)
    schedule = schedule_row(owner=ana)
    batch = Batch.objects.create(
        version=register_shipped()[0], owner=ana, private=True, title="night"
    )
    alert = Alert.objects.create(
        title="Odd",
        cause="odd",
        live=False,
        state="closed",
        begun_at=AT,
        severity="warning",
        acknowledged_at=AT,
        acknowledged_by=str(ana.pk),
        closed_by=str(ana.pk),
        closed_at=AT,
    )
    pump()
    erased("ana", "--yes")
    client.force_login(User.objects.get(username="ada"))
    pages = [
        data.get_absolute_url(),
        run.get_absolute_url(),
        build.get_absolute_url(),
        schedule.get_absolute_url(),
        batch.get_absolute_url(),
        f"/monitor/alerts/{alert.pk}/",
        *(f"/registry/{page}" for page in ("labels/", "labels/?gone=on", "datasets/")),
        *(f"/registry/{page}" for page in ("sentinels/", "training/", "training/new/")),
        "/registry/training/runs.csv",
        "/registry/training/experiments/",
        "/registry/datasets/freeze/",
        "/monitor/alerts/",
        "/monitor/events/",
        "/monitor/jobs/",
        "/dispatch/",
        "/showroom/",
        "/",
    ]
    for page in pages:
        answer = client.get(page)
        shown = b"".join(answer) if answer.streaming else answer.content
        assert answer.status_code == 200, page
        assert "ana" not in re.findall(r"\w+", shown.decode()), page


def named_in_the_docs() -> set[str]:
    text = (settings.BASE_DIR / "docs" / "privacy.md").read_text()
    rows = re.findall(r"^\| (`.+?) \|", text, re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


def test_the_docs_list_every_place_and_no_other():
    own = {
        f"{model._meta.label}.{field.name}"
        for model in (User, Preference)
        for field in model._meta.concrete_fields
    }
    related = {name for name, _, _ in places.relations()}
    declared = {place.name for place in places.declared()}
    # What stands beside a declared name, or is known by other means.
    more = {
        "admin.LogEntry.object_repr",
        "monitor.Ping.by",
        "registry.Build.order",
        "sessions.Session.session_data",
        *(
            f"axes.{table}.{field}"
            for table in ("AccessAttempt", "AccessFailureLog", "AccessLog")
            for field in ("ip_address", "user_agent")
        ),
    }
    assert named_in_the_docs() == own | related | declared | more


def test_no_column_that_sounds_like_a_person_is_forgotten():
    names = {"who", "by", "owner", "person", "user", "username", "email", "ip_address"}
    found = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if field.name in names or field.name.endswith("_by")
    }
    assert found - named_in_the_docs() == set()
