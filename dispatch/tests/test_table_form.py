"""An admin chooses a table and says which column is what."""

import json

import pytest

from dispatch.models import Schedule
from dispatch.schedules.columns import Column, Known, guessed
from dispatch.tests.pages import errors, filled, text
from dispatch.tests.tables import configure, insert, make, source
from pulsar_ml.features import FEATURES

pytestmark = pytest.mark.django_db
sqlite = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

NEW = "/dispatch/new/"
EIGHT = {f"source-{name}": name for name in FEATURES}


@pytest.fixture
def browser(client, admin, champion):
    client.force_login(admin)
    return client


@pytest.fixture
def survey(engine, settings):
    """A table with three rows."""
    configure(settings, survey=engine.target())
    make(engine)
    insert(engine, [1, 2, 3])
    return engine


def chosen(folder, **values):
    """The form with a table as an admin fills it in."""
    table = {
        "source-connection": "survey",
        "source-table": "candidates",
        "source-select": "",
        "source-every": "new",
        "source-key": "id",
        "source-mark": "updated_at",
        "source-overlap": "60",
        "source-label_column": "",
        "source-known": "",
    }
    return filled(folder, source_kind="table", **(table | EIGHT | values))


def loaded(browser, folder, **values):
    """The part of the form with the table, as HTMX asks for it."""
    given = dict.fromkeys(EIGHT, "") | {"source-key": "", "source-mark": ""}
    given |= {"load": "1"} | values
    return browser.post(NEW, chosen(folder, **given), headers={"HX-Request": "true"})


def offered(form, name):
    return [value for value, _ in form[name].field.widget.choices]


def test_without_connections_there_are_no_tables(browser, folder):
    page = browser.get(NEW)
    refused = browser.post(NEW, chosen(folder))

    assert [kind.kind for kind in page.context["form"].sources] == ["folder"]
    assert errors(refused)["source_kind"] == [
        "Select a valid choice. table is not one of the available choices."
    ]


@sqlite
def test_what_is_chosen_becomes_the_source(browser, folder, survey):
    browser.post(NEW, chosen(folder, **{"source-keep": ["beam", "name"]}))

    assert Schedule.objects.get().source == {
        "kind": "table",
        "connection": "survey",
        "table": "candidates",
        "select": "",
        "key": "id",
        "mark": "updated_at",
        "overlap": 60.0,
        "every": "new",
        "columns": {name: name for name in FEATURES},
        "keep": ["beam", "name"],
        "label": "",
    }


@sqlite
def test_tables_are_offered_as_they_are_there(browser, folder, survey):
    form = loaded(browser, folder, **{"source-table": ""}).context["settings"]

    assert offered(form, "table") == ["", "candidates"]
    assert form.loaded.rows == ()


@sqlite
def test_columns_are_offered_and_guessed_by_their_names(browser, folder, survey):
    answer = loaded(browser, folder)
    form = answer.context["settings"]

    assert {name: form[name].value() for name in FEATURES} == {
        name: name for name in FEATURES
    }
    assert [form[name].value() for name in ("key", "mark", "label_column")] == [
        "id",
        "updated_at",
        "class",
    ]
    assert form["keep"].value() == ["name", "beam"]
    assert offered(form, "mark")[:3] == ["", "id", "name"]
    assert "The first 3 rows of it, in no order" in text(answer)
    assert "<td>J0002</td>" in text(answer)
    assert "<html" not in text(answer)


@sqlite
def test_without_javascript_the_whole_form_comes_back(browser, folder, survey):
    given = chosen(folder, load="1", name="Kept")
    page = browser.post(NEW, given)

    assert page.context["form"]["name"].value() == "Kept"
    assert "The first 3 rows of it" in text(page)
    assert Schedule.objects.count() == 0


@sqlite
def test_what_was_chosen_is_not_guessed_again(browser, folder, survey):
    given = EIGHT | {"source-key": "beam", "source-dm_mean": "prof_mean"}
    form = loaded(browser, folder, **given).context["settings"]

    assert [form[name].value() for name in ("key", "mark", "dm_mean", "keep")] == [
        "beam",
        "",
        "prof_mean",
        [],
    ]


@sqlite
def test_what_was_loaded_is_still_offered_when_something_is_wrong(
    browser, folder, survey
):
    known = loaded(browser, folder).context["settings"]["known"].value()
    page = browser.post(NEW, chosen(folder, name="", **{"source-known": known}))

    assert page.status_code == 422
    _, form = page.context["form"].sources
    assert offered(form, "table") == ["", "candidates"]
    assert len(offered(form, "key")) == 14


@sqlite
def test_a_database_that_is_away_leaves_what_was_chosen(browser, folder, survey):
    survey.file.unlink()
    answer = loaded(browser, folder, **EIGHT, **{"source-key": "id"})
    form = answer.context["settings"]

    assert "could not be loaded, so what was chosen stays" in text(answer)
    assert (form["table"].value(), form["key"].value()) == ("candidates", "id")
    assert form["dm_skew"].value() == "dm_skew"


@sqlite
def test_a_schedule_is_opened_with_its_table_and_without_the_database(
    browser, schedule_over, survey
):
    survey.file.unlink()
    made = schedule_over(source=source(keep=["beam"], label="class", mark="updated_at"))
    _, form = browser.get(f"/dispatch/{made.slug}/edit/").context["form"].sources

    shown = ("connection", "table", "key", "mark", "label_column", "keep", "dm_std")
    assert [form[name].value() for name in shown] == [
        "survey",
        "candidates",
        "id",
        "updated_at",
        "class",
        ["beam"],
        "dm_std",
    ]


@sqlite
@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"source-table": ""}, "table-table", "Choose a table, or give a SELECT."),
        (
            {"source-select": "SELECT 1"},
            "table-select",
            "Choose a table or give a SELECT, not both.",
        ),
        ({"source-key": ""}, "table-key", "This field is required."),
        ({"source-dm_skew": ""}, "table-dm_skew", "This field is required."),
        (
            {"source-overlap": "-1"},
            "table-overlap",
            "Ensure this value is greater than or equal to 0.",
        ),
        (
            {"source-connection": "other"},
            "table-connection",
            "Select a valid choice. other is not one of the available choices.",
        ),
    ],
)
def test_what_cannot_be_is_told_at_its_field(
    browser, folder, survey, values, field, words
):
    page = browser.post(NEW, chosen(folder, **values))

    assert page.status_code == 422
    assert errors(page)[field] == [words]


@sqlite
def test_a_test_reads_ten_rows_before_anything_is_saved(browser, folder, survey):
    page = browser.post(NEW, chosen(folder, test="1"))

    assert "The first 3 rows of candidates, keys 1 to 3" in text(page)
    assert Schedule.objects.count() == 0


@sqlite
def test_what_others_changed_is_kept_with_every_column(browser, schedule_over, survey):
    made = schedule_over(source=source(keep=["beam", "name"]))
    form = browser.get(f"/dispatch/{made.slug}/edit/").context["form"]
    hidden = {name: str(form[name].value()) for name in ("revision", "opened")}
    Schedule.objects.update(revision=2, cron="5 5 * * *")
    mine = chosen(survey.folder, **hidden, **{"source-keep": ["beam", "name"]})
    page = browser.post(f"/dispatch/{made.slug}/edit/", mine)

    assert page.status_code == 409
    _, kept = page.context["form"].sources
    assert kept["keep"].value() == ["beam", "name"]


@pytest.mark.parametrize("given", ["", "[]", "{}", '{"tables": 3, "columns": []}', "x"])
def test_whatever_a_browser_says_was_loaded_breaks_nothing(given):
    assert Known.of(given) == Known()
    assert Known.of(json.dumps({"tables": [], "columns": [["a"]]})) == Known()


def test_what_was_loaded_comes_back_as_it_was():
    known = Known(("a",), (Column("id", "BIGINT", "integer"),))

    assert Known.of(known.text()) == known


def test_keys_and_marks_are_guessed_by_type_and_name():
    columns = [
        Column("created", "TIMESTAMP", "time"),
        Column("last_modified", "TIMESTAMP", "time"),
        Column("beam_id", "INTEGER", "integer"),
        Column("ID", "INTEGER", "integer"),
        Column("picture", "BLOB", "other"),
        Column("period", "DOUBLE", "number"),
    ]
    found = guessed(columns, {})

    assert (found["key"], found["mark"]) == ("ID", "last_modified")
    assert found["keep"] == ["created", "beam_id", "period"]
