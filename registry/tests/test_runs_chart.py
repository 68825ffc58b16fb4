"""/registry/training/chart/: a figure of many runs against a parameter."""

import json
import re

import pytest

from registry.runs import chart, plot
from registry.runs.chart import Asked
from registry.runs.listing import Wanted
from registry.tests.run_rows import dataset_row, run_row

pytestmark = pytest.mark.django_db

URL = "/registry/training/chart/"
F1 = "holdout.f1"


@pytest.fixture
def rea(client, person):
    """A researcher, logged in."""
    user = person("researcher", "rea")
    client.force_login(user)
    return user


def text(response) -> str:
    return " ".join(response.content.decode().split())


def drawn(x: str, *, by: str = "algorithm", log: bool = False) -> chart.Chart:
    return chart.chart(Wanted(), Asked(x, F1, by, log))


def places(found: chart.Chart) -> dict[str, list[tuple[float, float]]]:
    """By trace, where its runs lie, the newest first."""
    return {
        trace.name: [(point.x, point.y) for point in trace.points]
        for trace in found.plot.traces
    }


def test_runs_lie_where_their_parameter_and_figure_are():
    run_row(metrics={F1: 0.8})
    run_row(metrics={F1: 0.9}, parameters={"n_estimators": 300})
    # What was searched counts with what was chosen.
    run_row(
        metrics={F1: 0.85},
        search={"n_estimators": [50, 100]},
        chosen={"n_estimators": 100},
    )
    run_row(metrics={F1: 0.7}, algorithm="logistic_regression")
    run_row("failed")

    found = drawn("parameter.n_estimators")

    assert places(found) == {
        "Random Forest": [(100.0, 0.85), (300.0, 0.9), (150.0, 0.8)]
    }
    assert (found.n, found.n_without) == (3, 2)
    assert found.plot.title == "F1, hold-out over n_estimators"


def test_an_axis_may_be_logarithmic_where_its_values_are_above_0():
    for value in (0.01, 1.0):
        run_row(
            metrics={F1: 0.8}, algorithm="logistic_regression", parameters={"C": value}
        )

    found = drawn("parameter.C", log=True)

    assert places(found) == {"logistic regression": [(0.0, 0.8), (-2.0, 0.8)]}
    assert [tick.text for tick in found.plot.x.ticks] == (
        ["0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1"]
    )
    assert not found.is_even
    run_row(metrics={F1: 0.8}, seed=0)
    even = drawn("seed", log=True)
    assert even.is_even
    assert places(even)["Random Forest"] == [(0.0, 0.8)]


def test_what_has_names_stands_side_by_side():
    run_row(metrics={F1: 0.8}, algorithm="logistic_regression", policy="time")
    run_row(metrics={F1: 0.9}, policy="stratified")

    found = drawn("algorithm", by="policy")

    assert found.plot.x.ticks == [(0, "Random Forest"), (1, "logistic regression")]
    assert places(found) == {"stratified folds": [(0, 0.9)], "later year": [(1, 0.8)]}


def test_the_tenth_dataset_stands_after_the_second():
    for _ in range(10):
        dataset_row()
        run_row(metrics={F1: 0.8})

    ticks = [tick.text for tick in drawn("dataset").plot.x.ticks]

    assert ticks == [f"Dataset {number}" for number in range(1, 11)]


def test_a_figure_may_stand_against_another():
    run_row(metrics={F1: 0.8, "seconds": 12.5})
    run_row(metrics={F1: 0.8})

    assert places(drawn("seconds")) == {"Random Forest": [(12.5, 0.8)]}


def test_the_smallest_of_many_groups_are_told_apart_no_more():
    for place in range(8):
        for _ in range(9 - place):
            run_row(metrics={F1: 0.8}, experiment=f"Number {place}")

    found = drawn("seed", by="experiment")

    assert [(t.place, t.name, len(t.points)) for t in found.plot.traces] == [
        (1, "Number 0", 9),
        (2, "Number 1", 8),
        (3, "Number 2", 7),
        (4, "Number 3", 6),
        (5, "Number 4", 5),
        (6, "all others", 4 + 3 + 2),
    ]


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([0.0, 1.0], ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
        ([-30.0, 120.0], ["0", "50", "100"]),
        ([0.91, 0.97], ["0.91", "0.92", "0.93", "0.94", "0.95", "0.96", "0.97"]),
        ([5.0], ["4.8", "4.9", "5", "5.1", "5.2"]),
        ([0.0], ["−0.4", "−0.2", "0", "0.2", "0.4"]),
    ],
)
def test_an_even_axis_has_round_ticks_within_its_ends(values, ticks):
    axis = plot.even("x", values)

    assert [tick.text for tick in axis.ticks] == ticks
    assert axis.low < min(values) <= max(values) < axis.high


def test_a_long_logarithmic_axis_has_powers_alone():
    axis = plot.logarithmic("x", [1e-4, 1e4])

    assert [tick.text for tick in axis.ticks] == (
        ["0.0001", "0.001", "0.01", "0.1", "1", "10", "100", "1000", "10000"]
    )


def test_the_page_draws_without_script_and_with_it(client, rea):
    run = run_row(metrics={"holdout.average_precision": 0.8})
    run_row(metrics={"holdout.average_precision": 0.9}, tags=["other"])

    answer = client.get(URL)
    shown = text(answer)

    assert "'unsafe-inline'" in answer["Content-Security-Policy"]
    assert "<h1>Average precision, hold-out over min_samples_leaf</h1>" in shown
    assert f'<a href="{run.get_absolute_url()}"><path class="mark line-1" d="M' in shown
    said = f"{run}: Average precision, hold-out 0.8000, min_samples_leaf 5"
    assert f"<title>{said}</title>" in shown
    given = re.search(
        r'<script id="plot" type="application/json">(.+?)</script>', shown
    )
    figure = json.loads(given.group(1))
    assert figure["traces"][0]["points"][1] == [5, 0.8, said, run.get_absolute_url()]
    assert "2 runs." in shown


def test_the_chart_is_of_what_the_filter_lets_through(client, rea):
    run_row(metrics={F1: 0.8}, tags=["night"])
    run_row(metrics={F1: 0.8})

    shown = text(client.get(URL, {"tag": "night", "y": F1, "x": "seed"}))

    assert "1 run." in shown
    assert '<input type="hidden" name="tag" value="night">' in shown
    assert '<a href="/registry/training/?tag=night">the filter</a>' in shown


def test_where_nothing_can_be_drawn_the_page_says_why(client, rea):
    run_row("failed")

    assert "No run has both values." in text(client.get(URL))
    refused = client.get(URL, {"y": "holdout.luck"})
    assert refused.status_code == 422
    assert "Upwards: Select a valid choice." in text(refused)
