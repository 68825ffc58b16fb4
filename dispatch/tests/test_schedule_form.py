"""An admin makes, edits and copies schedules."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dispatch.models import Schedule
from dispatch.schedules.announce import announce
from dispatch.schedules.remove import remove
from dispatch.schedules.save import change, create
from dispatch.schedules.versions import offered
from dispatch.tests.pages import errors, filled, said, text, unwritable
from dispatch.views import editing
from monitor.crontab import lines
from registry.models import Version

pytestmark = pytest.mark.django_db

NEW = "/dispatch/new/"
AT = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def zone(reconfigured):
    reconfigured("scheduler", zone="Europe/Berlin")


@pytest.fixture
def browser(client, admin, champion):
    client.force_login(admin)
    return client


@pytest.fixture
def nightly(schedule):
    """A schedule with its line."""
    announce(schedule)
    lines.sync()
    return schedule


def edited(browser, schedule, **values):
    """The form of a schedule as it is opened now, with other values."""
    form = browser.get(f"/dispatch/{schedule.slug}/edit/").context["form"]
    hidden = {name: str(form[name].value()) for name in ("revision", "opened")}
    return filled(Path(schedule.source["folder"]), **hidden) | values


def test_what_is_filled_in_becomes_a_schedule_with_its_line(browser, folder, admin):
    answer = browser.post(NEW, filled(folder, **{"folder-recursive": "on"}))

    made = Schedule.objects.get()
    assert answer.url == "/dispatch/each-night/"
    wanted = {
        "slug": "each-night",
        "live": True,
        "name": "Each night",
        "cron": "0 2 * * *",
        "source": {
            "kind": "folder",
            "folder": str(folder),
            "patterns": ["*.csv", "*.pfd"],
            "recursive": True,
            "settle_seconds": 0,
            "marker": "",
        },
        "sink": {"kind": "scores"},
        "reference": "pulsar@champion",
        "timeout_seconds": 3600,
        "retries": 2,
        "retry_seconds": 60,
        "concurrency": "Forbid",
        "catch_up": "last",
        "catch_up_most": 10,
        "start_within": 300,
        "owner": admin,
        "revision": 1,
    }
    assert {name: getattr(made, name) for name in wanted} == wanted
    assert lines.found()[made.job].state == "on"
    assert said(answer) == []


def test_files_have_settings_of_their_own(browser, folder):
    outbox = folder.with_name("outbox")
    browser.post(NEW, filled(folder, sink_kind="files", **{"files-format": "votable"}))

    sink = {"kind": "files", "folder": str(outbox), "format": "votable"}
    assert Schedule.objects.get().sink == sink


def test_settings_of_a_kind_that_is_not_chosen_do_not_matter(browser, folder):
    browser.post(NEW, filled(folder, **{"files-folder": "", "files-format": "x"}))

    assert Schedule.objects.get().sink == {"kind": "scores"}


def test_the_form_opens_with_what_suits_most(browser, storage):
    page = browser.get(NEW)

    form = page.context["form"]
    assert form["cron"].value() == "0 * * * *"
    assert form["timeout_seconds"].value() == "60"
    assert form["start_within"].value() == "5"
    assert form.sources[0]["folder"].value() == str(storage / "inbox")
    may = f"Schedules may use {storage / 'inbox'} and {storage / 'outbox'}"
    assert text(page).count(may) == 2
    assert "The waits would be 1 min 00 s, 2 min 00 s." in text(page)


def test_versions_are_offered_by_alias_and_by_number(browser, champion):
    form = browser.get(NEW).context["form"]

    groups = dict(form.fields["reference"].choices)
    moving = dict(groups["Whichever it is when a run starts"])
    assert moving["pulsar@champion"] == f"pulsar@champion (Production), now {champion}"
    fixed = [value for value, _ in groups["Always this one"]]
    assert fixed == [str(version) for version in Version.objects.newest_first()]


def test_versions_are_offered_without_their_cards(champion):
    with CaptureQueriesContext(connection) as asked:
        offered()

    (versions,) = [q["sql"] for q in asked if 'FROM "registry_version"' in q["sql"]]
    assert '"card"' not in versions


def test_a_version_that_is_no_more_offered_stays_chosen(browser, schedule_over):
    old = schedule_over(reference="pulsar@gone")
    form = browser.get(f"/dispatch/{old.slug}/edit/").context["form"]

    assert form["reference"].value() == "pulsar@gone"
    assert ("As it is", [("pulsar@gone", "pulsar@gone")]) in form.fields[
        "reference"
    ].choices


BAD = [
    ("name", "", "This field is required."),
    ("cron", "61 * * * *", "61 is not between 0 and 59"),
    ("slug", "Runs", "“runs” is an address of the site itself"),
    ("slug", "new", "“new” is an address of the site itself"),
    ("slug", "a b", "Enter a valid “slug”"),
    ("folder-folder", "/etc", "/etc is not under an allowed folder."),
    ("folder-folder", "", "This field is required."),
    ("folder-patterns", "/etc/*", "They are about names below the folder"),
    ("folder-marker", "a/b", "Must be what is put behind a file's name"),
    ("folder-settle_seconds", "-1", "greater than or equal to 0"),
    ("reference", "pulsar/99", "pulsar/99 is not one of the available choices"),
    ("timeout_seconds", "0.5", "greater than or equal to 1"),
    ("retries", "21", "less than or equal to 20"),
    ("catch_up_most", "0", "greater than or equal to 1"),
    ("sink_kind", "pigeon", "pigeon is not one of the available choices"),
    ("source_kind", "pigeon", "pigeon is not one of the available choices"),
]


def test_what_cannot_be_used_is_told_beside_its_field(browser, folder):
    for field, value, error in BAD:
        answer = browser.post(NEW, filled(folder) | {field: value})

        assert answer.status_code == 422
        found = errors(answer)
        assert [*found] == [field]
        assert error in found[field][0]
        assert "Nothing is saved yet" in text(answer)
    assert not Schedule.objects.exists()


def test_a_name_without_latin_letters_wants_an_address(browser, folder):
    answer = browser.post(NEW, filled(folder, name="星"))

    (problem,) = errors(answer)["slug"]
    assert problem.startswith("Nothing of the name can stand in an address")
    assert browser.post(NEW, filled(folder, name="星", slug="Star")).status_code == 302
    assert Schedule.objects.get().slug == "star"


def test_a_slug_that_is_taken_is_refused_beside_its_field(browser, folder, schedule):
    answer = browser.post(NEW, filled(folder, name="Other", slug="Nightly"))

    assert errors(answer) == {
        "slug": ["There is a schedule nightly already; choose another."]
    }


def test_a_slug_that_somebody_takes_in_this_moment_is_refused_too(
    browser, folder, schedule_over, monkeypatch
):
    def second(values, *, by):
        schedule_over(values["slug"])
        return create(values, by=by)

    monkeypatch.setattr(editing, "create", second)
    answer = browser.post(NEW, filled(folder))

    assert answer.status_code == 422
    assert errors(answer) == {
        "slug": ["There is a schedule each-night already; choose another."]
    }


def test_a_schedule_that_would_read_its_own_results_is_refused(browser, folder):
    own = {"sink_kind": "files", "files-folder": str(folder)}
    answer = browser.post(NEW, filled(folder) | own)

    (problem,) = errors(answer)["sink_kind"]
    assert "would read its own results" in problem
    assert not Schedule.objects.exists()


def test_a_folder_that_is_not_there_yet_is_said_and_saved(browser, folder):
    away = folder / "tonight"
    answer = browser.post(NEW, filled(away))

    assert answer.status_code == 302
    page = text(browser.get(answer.url))
    assert page.count(f"The folder {away} is not there.") == 1


@time_machine.travel(AT, tick=False)
def test_preview_tells_the_times_and_the_waits_and_saves_nothing(browser, folder):
    wanted = filled(folder, cron="0 2 1 * 1", name="", retries="3", preview="1")
    answer = browser.post(NEW, wanted)

    seen = answer.context["preview"]
    assert answer.status_code == 200
    assert [slot.iso for slot in seen.slots] == [
        "2026-11-23T02:00+01:00",
        "2026-11-30T02:00+01:00",
        "2026-12-01T02:00+01:00",
        "2026-12-07T02:00+01:00",
        "2026-12-14T02:00+01:00",
    ]
    assert " or " in seen.words
    assert [wait.seconds for wait in seen.waits] == [60, 120, 240]
    assert "Nothing is saved yet" not in text(answer)
    assert not Schedule.objects.exists()


def test_while_one_types_the_preview_comes_alone(browser, folder):
    wanted = filled(folder, cron="0 2 * *", retries="x", preview="1")
    answer = browser.post(NEW, wanted, headers={"HX-Request": "true"})

    assert "<html" not in text(answer)
    assert "Five fields are wanted" in text(answer)
    assert "It would not be tried again." in text(answer)


def test_test_shows_scored_rows_of_values_not_saved(browser, folder):
    answer = browser.post(NEW, filled(folder, test="1"))

    rows = answer.context["rehearsal"].rows
    assert [row["name"] for row in rows] == [f"sky.csv:{n}" for n in range(1, 11)]
    assert [row["predicted"] for row in rows] == [False] * 9 + [True]
    assert 'value="Each night"' in text(answer)
    assert not Schedule.objects.exists()


def test_an_edit_opens_as_it_is_stored_and_keeps_the_address(browser, nightly):
    page = browser.get("/dispatch/nightly/edit/")

    form = page.context["form"]
    assert form["name"].value() == "Nightly"
    assert form.sources[0]["patterns"].value() == "*.csv"
    assert "id_slug" not in text(page)
    answer = browser.post(
        "/dispatch/nightly/edit/",
        edited(browser, nightly, cron="30 3 * * *", slug="elsewhere"),
    )
    nightly.refresh_from_db()
    assert answer.url == "/dispatch/nightly/"
    assert (nightly.slug, nightly.cron, nightly.revision) == (
        "nightly",
        "30 3 * * *",
        2,
    )
    assert lines.found()[nightly.job].line.startswith("30 3 * * * ")
    assert lines.found()[nightly.job].state == "on"


def test_the_second_of_two_is_shown_what_the_first_changed(browser, nightly, folder):
    mine = edited(browser, nightly, cron="0 5 * * *", retries="7")
    browser.post(
        "/dispatch/nightly/edit/",
        edited(browser, nightly, cron="0 4 * * *", name="Nightly"),
    )
    answer = browser.post("/dispatch/nightly/edit/", mine)

    assert answer.status_code == 409
    times, source = answer.context["theirs"]
    cron = ("Times", "0 2 * * *", "0 4 * * *", "0 5 * * *")
    assert (times[1:5], times.is_quarrel) == (cron, True)
    # Both have filled in the same patterns.
    assert (source.label, source.is_touched, source.is_quarrel) == (
        "Read from",
        True,
        False,
    )
    assert "Where both of you changed a setting, yours stands below" in text(answer)
    assert ">Save mine over it</button>" in text(answer)
    assert "Somebody has changed this schedule" in text(answer)
    nightly.refresh_from_db()
    assert (nightly.cron, nightly.retries) == ("0 4 * * *", 2)

    form = answer.context["form"]
    assert (form["cron"].value(), form["retries"].value()) == ("0 5 * * *", "7")
    again = mine | {"revision": form["revision"].value()}
    assert browser.post("/dispatch/nightly/edit/", again).status_code == 302
    nightly.refresh_from_db()
    assert (nightly.cron, nightly.retries, nightly.revision) == ("0 5 * * *", 7, 3)


def test_what_the_second_of_two_never_touched_is_as_the_first_left_it(
    browser, nightly, folder
):
    asked = ["*.csv"]
    opened = edited(browser, nightly, **{"folder-patterns": "*.csv"})
    theirs = {"files-format": "votable", "sink_kind": "files", "start_within": "9"}
    deep = {"folder-recursive": "on"}
    browser.post("/dispatch/nightly/edit/", opened | theirs | deep)
    mine = opened | {"retries": "7", "name": "Nightly"}
    answer = browser.post("/dispatch/nightly/edit/", mine)

    assert answer.status_code == 409
    shown = {one.name: one.is_touched for one in answer.context["theirs"]}
    assert shown == {
        "name": False,
        "source": False,
        "sink": False,
        "start_within": False,
    }
    assert text(answer).count("<td>not changed</td>") == 4
    assert "Your changes and theirs do not meet" in text(answer)
    form = answer.context["form"]
    kinds = [
        form["sink_kind"],
        form.sinks[1]["format"],
        form.sources[0]["recursive"],
        form["start_within"],
        form["retries"],
    ]
    assert [one.value() for one in kinds] == ["files", "votable", True, "9", "7"]
    sent = {
        field.html_name: str(field.value())
        for of in (form, *form.sources, *form.sinks)
        for field in of
        if field.value() is not None
    }
    assert browser.post("/dispatch/nightly/edit/", sent).status_code == 302
    nightly.refresh_from_db()
    assert nightly.source["patterns"] == asked
    assert nightly.source["recursive"] is True
    assert nightly.sink["format"] == "votable"
    assert (nightly.start_within, nightly.retries) == (540, 7)
    assert nightly.revision == 3


def test_what_the_browser_says_of_the_old_values_is_only_shown(browser, nightly):
    for opened in ("", "{", "[]", '{"cron": {"a": [1]}, "sink": 1}', "[" * 9_999):
        wanted = edited(browser, nightly, revision="0", opened=opened)

        assert browser.post("/dispatch/nightly/edit/", wanted).status_code == 409


def test_an_edit_of_what_was_removed_meanwhile_can_become_a_new_one(
    browser, nightly, admin
):
    wanted = edited(browser, nightly, cron="5 5 * * *")
    remove(nightly, by=admin)
    answer = browser.post("/dispatch/nightly/edit/", wanted)

    assert answer.status_code == 409
    page = text(answer)
    assert "Somebody has removed Nightly since you opened it" in page
    assert f'href="/dispatch/?removed={nightly.pk}"' in page
    assert 'action="/dispatch/new/"' in page
    assert ">Save as a new one</button>" in page
    assert answer.context["form"]["cron"].value() == "5 5 * * *"
    ahead = browser.post(
        "/dispatch/nightly/edit/",
        wanted | {"preview": "1"},
        headers={"HX-Request": "true"},
    )
    assert ahead.context["preview"].words
    assert browser.post("/dispatch/new/", wanted).status_code == 302
    assert Schedule.objects.live().get().cron == "5 5 * * *"
    assert browser.get("/dispatch/nightly/edit/").status_code == 404


def test_one_that_is_removed_while_it_is_saved_loses_nothing_either(
    browser, nightly, admin, monkeypatch
):
    def late(schedule, *values, by):
        remove(schedule, by=by)
        return change(schedule, *values, by=by)

    monkeypatch.setattr(editing, "change", late)
    answer = browser.post("/dispatch/nightly/edit/", edited(browser, nightly))

    assert answer.status_code == 409
    assert ">Save as a new one</button>" in text(answer)


def test_a_copy_is_a_schedule_of_its_own(browser, nightly, folder):
    form = browser.get("/dispatch/nightly/copy/").context["form"]
    assert (form["name"].value(), form["slug"].value()) == ("Copy of Nightly", "")
    browser.post("/dispatch/nightly/copy/", filled(folder, name="Copy of Nightly"))

    slugs = list(Schedule.objects.live().values_list("slug", flat=True))
    assert slugs == ["copy-of-nightly", "nightly"]


def test_when_the_crontab_cannot_be_written_it_is_saved_and_said(
    browser, folder, storage
):
    unwritable(storage)
    answer = browser.post(NEW, filled(folder))

    made = Schedule.objects.get()
    assert answer.url == made.get_absolute_url()
    (words,) = said(answer)
    assert words.startswith("The schedule is saved, but not started yet: ")
    assert "cannot be written" in words
    assert "Put it right" in text(browser.get(answer.url))

    unwritable(storage)
    answer = browser.post(
        "/dispatch/each-night/edit/", edited(browser, made, cron="0 3 * * *")
    )
    assert said(answer)[-1].startswith("The schedule is saved, but the crontab is as")


def test_the_old_values_come_along_with_the_form(browser, nightly):
    form = browser.get("/dispatch/nightly/edit/").context["form"]

    opened = json.loads(form["opened"].value())
    assert opened["source"] == nightly.source
    assert opened["timeout_seconds"] == 3600
