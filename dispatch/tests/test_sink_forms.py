"""An admin says in which table results go, or that datasets are made."""

import pytest

from dispatch.models import Schedule
from dispatch.runs.end import end
from dispatch.tests.conftest import begin
from dispatch.tests.pages import errors, filled, text
from dispatch.tests.survey import LABELLED, SINK, survey
from monitor import claims
from monitor.work import State
from pulsarsite.tests import forked
from pulsarsite.tests.engines import Engine
from registry.models import Dataset
from registry.tests.connected import connected

pytestmark = pytest.mark.django_db
NEW = "/dispatch/new/"
INTO = {
    "sink_kind": "table",
    "results-connection": "sqlite",
    "results-table": "scores",
    "results-make": "on",
}


@pytest.fixture(autouse=True)
def quick():
    """Children that need not start Python."""
    with forked.children():
        yield


@pytest.fixture
def engine(tmp_path, settings):
    made = Engine("sqlite", tmp_path)
    survey(made, rows=5)
    connected(settings, made)
    return made


@pytest.fixture
def browser(client, admin, champion):
    client.force_login(admin)
    return client


def labels(form) -> list[str]:
    return [kind for kind, _ in form.fields["sink_kind"].choices]


def test_without_a_connection_no_table_is_offered(browser):
    form = browser.get(NEW).context["form"]

    assert labels(form) == ["scores", "files"]


def test_what_is_filled_in_becomes_the_sink(browser, folder, engine):
    answer = browser.post(NEW, filled(folder, **INTO))
    made = Schedule.objects.get()
    form = browser.get(f"{made.get_absolute_url()}edit/").context["form"]

    assert answer.url == made.get_absolute_url()
    assert made.sink == SINK
    assert [form["sink_kind"].value()] == ["table"]
    (shown,) = [sink for sink in form.sinks if sink.kind == "table"]
    assert [shown[name].value() for name in ("connection", "table", "make")] == [
        "sqlite",
        "scores",
        True,
    ]


def test_only_what_may_write_is_offered(browser, settings, engine, folder):
    connected(settings, engine, read_only=True)
    answer = browser.post(NEW, filled(folder, **INTO))

    assert answer.status_code == 422
    assert list(errors(answer)) == ["table-connection"]
    assert "None may write yet" in text(answer)


def test_a_connection_that_may_write_no_longer_stays_in_sight(
    browser, settings, engine, schedule_over
):
    made = schedule_over(sink=SINK)
    connected(settings, engine, read_only=True)

    page = text(browser.get(f"{made.get_absolute_url()}edit/"))
    assert '<option value="sqlite" selected>sqlite (may not write)</option>' in page


def test_what_is_left_empty_is_told_beside_its_field(browser, folder, engine):
    nothing = {"results-connection": "", "results-table": ""}
    answer = browser.post(NEW, filled(folder, **INTO | nothing))

    assert errors(answer) == {
        "table-connection": ["Choose a connection that may write."],
        "table-table": ["This field is required."],
    }


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_the_tables_of_a_connection_are_offered(browser, folder, engine, headers):
    asks = filled(folder, **INTO, load="results")
    answer = browser.post(NEW, asks, headers=headers)

    assert '<option value="candidates"></option>' in text(answer)
    assert 'value="scores"' in text(answer)
    assert ("<html" in text(answer)) == (not headers)
    assert Schedule.objects.count() == 0


def test_tables_that_cannot_be_listed_are_told(browser, folder, engine):
    engine.file.unlink()
    answer = browser.post(NEW, filled(folder, **INTO, load="results"))

    assert f"could not be listed: There is no file {engine.file}." in text(answer)


def test_the_test_tells_that_results_could_not_be_written(browser, folder, engine):
    strict = {name: value for name, value in INTO.items() if name != "results-make"}
    answer = browser.post(NEW, filled(folder, **strict, test="1"))

    page = text(answer)
    assert "could not be written now: There is no table scores in sqlite:" in page
    assert "The first 10 rows of sky.csv" in page


def test_a_dataset_of_files_is_refused(browser, folder, engine):
    answer = browser.post(NEW, filled(folder, sink_kind="dataset"))

    assert errors(answer) == {
        "sink_kind": ["A dataset is made of a table of a database: read from one."]
    }


def test_the_page_of_a_run_leads_to_its_dataset(browser, schedule_over, engine):
    run = begin(schedule_over(source=LABELLED, sink={"kind": "dataset"}))
    Dataset.objects.create(
        number=7,
        name="Survey",
        source="import",
        sha256="f" * 64,
        **dict.fromkeys(("size", "n_rows", "n_pulsars"), 1),
        **dict.fromkeys(("n_holdout", "n_holdout_pulsars"), 0),
    )
    claims.claim(run)
    claims.keep(run, output={"dataset": 7, "rows": 27, "note": "As before."})
    end(run, State.SUCCESS)

    page = text(browser.get(run.get_absolute_url()))
    assert '<dd class="mono"><a href="/registry/datasets/7/">7</a></dd>' in page
    assert "<dt>Output: note</dt><dd>As before.</dd>" in page
