"""/registry/training/: every run, found, sorted, paged; and as a table."""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry.models import Experiment
from registry.runs.experiments import listed
from registry.tests.run_rows import dataset_row, run_row
from registry.views.runs import PAGE_RUNS

pytestmark = pytest.mark.django_db

URL = "/registry/training/"


@pytest.fixture
def rea(client, person):
    """A researcher, logged in: everybody with a role may look."""
    user = person("researcher", "rea")
    client.force_login(user)
    return user


@pytest.fixture
def found(client, rea):
    """Which runs a query finds, in the order of the page."""

    def ask(**query) -> list[int]:
        response = client.get(URL, query)
        assert response.status_code == 200
        return [line.run.pk for line in response.context["lines"]]

    return ask


def text(response) -> str:
    return " ".join(response.content.decode().split())


def test_a_stranger_logs_in_first_and_who_has_no_role_may_not(
    client, django_user_model
):
    assert client.get(URL).status_code == 302
    client.force_login(django_user_model.objects.create_user("newt"))
    for address in ("", "runs.csv", "compare/", "chart/", "experiments/"):
        assert client.get(f"{URL}{address}").status_code == 403


def test_without_any_run_the_page_says_what_will_be_here(client, rea, person):
    shown = text(client.get(URL))

    assert "Nothing was trained here yet." in shown
    assert "/registry/training/new/" not in shown
    client.force_login(person("admin"))
    assert "/registry/training/new/" in text(client.get(URL))


def test_a_run_is_told_with_its_figures_and_what_is_unusual_about_it(client, rea):
    dataset_row("The night of May 3")
    run = run_row(
        parameters={"n_estimators": 300, "max_features": 4},
        metrics={"holdout.recall": 0.93123, "grouped.recall": 0.9012},
        tags=["night"],
        by=rea,
    )
    shown = text(client.get(URL))

    assert f'<a href="{run.get_absolute_url()}">{run.pk}</a>' in shown
    assert '<span class="badge success">Success</span>' in shown
    assert "<code>n_estimators 300</code></small>" in shown
    assert '<td class="number">0.9312</td>' in shown
    assert '<td class="number">1 min 00 s</td>' in shown
    assert '<a class="tag" href="/registry/training/?tag=night">night</a>' in shown
    assert '<a href="/registry/datasets/1/">1</a>' in shown
    assert '<td class="number">0.9012</td>' in text(
        client.get(URL, {"split": "grouped"})
    )


@pytest.mark.engines
def test_the_filter_leaves_what_fits(found):
    dataset_row("one")
    first = run_row(tags=["night"], policy="time", notes="Looks odd.")
    dataset_row("two")
    second = run_row("failed", algorithm="logistic_regression", tags=["nightly"])
    third = run_row(experiment="Depth", tags=["two words", 'a "quote"', "ü"])

    assert found() == [third.pk, second.pk, first.pk]
    assert found(dataset=2) == [third.pk, second.pk]
    assert found(state="failed") == [second.pk]
    assert found(algorithm="logistic_regression") == [second.pk]
    assert found(policy="time") == [first.pk]
    assert found(experiment=third.experiment_id) == [third.pk]
    assert found(notes="ODD") == [first.pk]
    # The whole tag, and no part of another.
    assert found(tag="night") == [first.pk]
    assert found(tag="Two Words") == found(tag='a "quote"') == [third.pk]
    assert found(tag="ü") == [third.pk]
    assert found(tag="%") == found(dataset=1, state="failed") == []


def test_a_figure_has_bounds(found):
    low = run_row(metrics={"holdout.f1": 0.8})
    high = run_row(metrics={"holdout.f1": 0.9})
    run_row("failed")

    assert found(figure="holdout.f1") == [high.pk, low.pk]
    assert found(figure="holdout.f1", least=0.9) == [high.pk]
    assert found(figure="holdout.f1", most=0.8) == [low.pk]
    assert found(figure="holdout.f1", least=0.85, most=0.89) == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"state": "skipped"}, "Select a valid choice."),
        ({"dataset": "7"}, "Select a valid choice."),
        ({"least": "0.5"}, "Say which figure these are the bounds of."),
        (
            {"figure": "holdout.f1", "least": "2", "most": "1"},
            "This is less than where it begins.",
        ),
        ({"least": "nan", "figure": "holdout.f1"}, "Enter a number."),
    ],
)
def test_what_cannot_be_asked_is_said_beside_its_field(client, rea, query, said):
    response = client.get(URL, query)

    assert response.status_code == 422
    assert said in text(response)
    assert client.get(f"{URL}runs.csv", query).status_code == 422
    assert client.get(f"{URL}chart/", query).status_code == 422


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("holdout.f1", "acbd"),
        ("-holdout.f1", "bcad"),
        ("-run", "dcba"),
        ("run", "abcd"),
        ("algorithm", "dacb"),
        ("-took", "cbad"),
        ("no such column", "dcba"),
    ],
)
def test_it_is_sorted_by_any_column_and_who_has_no_figure_comes_last(
    found, sort, order
):
    runs = {
        # As text, 0.5 would stand before 1e-05.
        "a": run_row(metrics={"holdout.f1": 1e-05}, algorithm="logistic_regression"),
        "b": run_row(metrics={"holdout.f1": 0.9}, algorithm="random_forest"),
        "c": run_row(metrics={"holdout.f1": 0.5}, algorithm="random_forest"),
        "d": run_row("running", algorithm="gradient_boosting"),
    }

    assert found(sort=sort) == [runs[name].pk for name in order]


def test_a_list_has_pages_and_a_head_that_sorts_keeps_the_filter(client, rea):
    runs = [run_row() for _ in range(PAGE_RUNS + 1)]

    first = client.get(URL, {"state": "success"})
    second = client.get(URL, {"state": "success", "page": "2"})

    assert len(first.context["lines"]) == PAGE_RUNS
    assert [line.run for line in second.context["lines"]] == [runs[0]]
    assert 'rel="next" href="/registry/training/?state=success&amp;page=2"' in text(
        first
    )
    assert "51 to 51 of 51" in text(second)
    head = 'href="/registry/training/?state=success&amp;sort=-holdout.f1">F1</a>'
    assert head in text(second)
    for beyond in ("99", "-1", "x", "9" * 5000):
        assert client.get(URL, {"page": beyond}).status_code == 200


def test_a_page_asks_the_database_the_same_whatever_the_number_of_runs(client, rea):
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get(URL)
        return len(asked)

    run_row(by=rea)
    client.get(URL)
    one = queries()
    for place in range(20):
        run_row(by=rea, experiment=f"Number {place}")

    assert queries() == one


def test_the_list_looks_again_soon_while_one_is_at_work(client, rea):
    run_row()
    assert 'hx-trigger="every 30s"' in text(client.get(URL))
    run_row("running", progress={"step": "fit"})

    page = client.get(URL, {"state": "running"}, headers={"HX-Request": "true"})

    assert 'hx-trigger="every 5s"' in text(page)
    assert 'hx-get="/registry/training/?state=running"' in text(page)
    assert "<small>fit</small>" in text(page)
    assert "<html" not in text(page)


def test_empty_fields_leave_the_address(client, rea):
    response = client.get(URL, {"tag": "", "state": "failed"})

    assert response.status_code == 302
    assert response["Location"] == "/registry/training/?state=failed"


def test_the_table_has_every_parameter_and_figure_of_what_the_filter_lets_through(
    client, rea
):
    run_row("failed", notes="not wanted")
    forest = run_row(
        parameters={"n_estimators": 300},
        chosen={"n_estimators": 300, "min_samples_leaf": 5, "max_features": 2},
        search={"max_features": [2, 4]},
        metrics={"holdout.f1": 0.9, "threshold": 0.25},
        notes="=1+1",
        tags=["-a", "b"],
        by=rea,
    )
    logistic = run_row(algorithm="logistic_regression", experiment="Depth")

    response = client.get(f"{URL}runs.csv", {"state": "success", "sort": "run"})
    content = b"".join(response.streaming_content).decode()

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    first, second = csv.DictReader(io.StringIO(content, newline=""))
    assert first == {
        "run": str(forest.pk),
        "state": "success",
        "reason": "",
        "experiment": "Trainings",
        "dataset": "1",
        "dataset_sha256": f"{1:064x}",
        "algorithm": "random_forest",
        "policy": "grouped",
        "seed": "0",
        "recall_asked_for": "0.92",
        "source": "page",
        "user": "rea",
        "version": "",
        "git_commit": "",
        "seconds": "60.0",
        "tags": "'-a, b",
        "notes": "'=1+1",
        "created_at": forest.created_at.isoformat(timespec="seconds"),
        "started_at": "2026-06-01T12:00:00+00:00",
        "finished_at": "2026-06-01T12:01:00+00:00",
        "parameter.C": "",
        "parameter.max_features": "2",
        "parameter.min_samples_leaf": "5",
        "parameter.n_estimators": "300",
        "holdout.f1": "0.9",
        "threshold": "0.25",
    }
    assert second["run"] == str(logistic.pk)
    assert second["parameter.C"] == "0.3"
    assert (second["holdout.f1"], second["parameter.n_estimators"]) == ("", "")


def test_experiments_ask_for_their_best_runs_at_once(db, django_assert_num_queries):
    best = {}
    for name in ("Depth", "Leaves", "Trees"):
        run_row(experiment=name, metrics={"holdout.average_precision": 0.9})
        run_row(experiment=name, metrics={"holdout.average_precision": 0.95})
        # Of two that are as good, the newer one.
        best[name] = run_row(
            experiment=name, metrics={"holdout.average_precision": 0.95}
        )
        run_row("failed", experiment=name)
    run_row("failed")

    with django_assert_num_queries(3):
        lines = listed()
        found = {one.experiment.name: (one.best, one.figure) for one in lines}
    assert found == {
        **{name: (run, 0.95) for name, run in best.items()},
        "Trainings": (None, None),
    }


def test_experiments_tell_their_best_run_and_admins_open_new_ones(client, person):
    good = run_row(metrics={"holdout.average_precision": 0.95})
    run_row(metrics={"holdout.average_precision": 0.9})
    run_row("failed")
    client.force_login(person("researcher"))
    address = f"{URL}experiments/"

    (one,) = client.get(address).context["listed"]

    assert (one.best, one.figure) == (good, 0.95)
    assert (one.experiment.n, one.experiment.n_done) == (3, 2)
    assert "Open an experiment" not in text(client.get(address))
    assert client.post(address, {"name": "Mine"}).status_code == 403
    client.force_login(person("admin"))
    made = client.post(address, {"name": " Depth  of it", "description": "How deep?"})
    depth = Experiment.objects.get(name="Depth of it")
    assert made["Location"] == f"/registry/training/new/?experiment={depth.pk}"
    assert depth.description == "How deep?"
    assert client.post(address, {"name": "Depth of it"}).status_code == 422
    newest = [one.experiment.name for one in client.get(address).context["listed"]]
    assert newest == ["Depth of it", "Trainings"]
