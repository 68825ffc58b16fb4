"""Another threshold, looked at on a version's page."""

import pytest

from registry.tests.evaluated import EVALUATION, evaluated

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(tmp_path):
    return evaluated(tmp_path)


@pytest.fixture
def reader(client, person):
    client.force_login(person("researcher"))
    return client


def _look(reader, version, **asked):
    return reader.get(version.get_absolute_url(), asked)


def test_first_the_shipped_threshold_is_shown(reader, version):
    trade = _look(reader, version).context["card"].trade

    assert (trade.shipped, trade.chosen) == (1, 1)
    assert trade.line.threshold == 0.0764


@pytest.mark.parametrize(
    ("asked", "nearest", "found", "false"),
    [("0", 0.02, 17, 286), ("0.3", 0.5, -33, -104), ("1", 0.5, -33, -104)],
)
def test_the_tried_threshold_next_to_the_wanted_one_is_shown(
    reader, version, asked, nearest, found, false
):
    trade = _look(reader, version, threshold=asked).context["card"].trade

    assert trade.line.threshold == nearest
    assert (trade.more_found, trade.more_false) == (found, false)


def test_the_page_says_what_it_wins_and_costs_and_marks_it_in_the_curves(
    reader, version
):
    response = _look(reader, version, threshold="0.6")

    page = " ".join(response.content.decode().split())
    assert 'it finds <strong data-trade="tp">310</strong> of 366 pulsars' in page
    assert '<small data-trade="found">\u221233</small>' in page
    assert "nothing is saved" in page
    roc = response.context["drawings"][0]
    assert roc.chart.mark == (10 / 3092, 310 / 366)
    version.refresh_from_db()
    assert version.card["threshold"] == 0.076369


@pytest.mark.parametrize("asked", ["-1", "1.5", "nan", "much"])
def test_what_is_no_threshold_is_said_to_be_none(reader, version, asked):
    response = _look(reader, version, threshold=asked)

    assert response.status_code == 422
    assert '<p class="notice error" role="alert">Threshold: ' in (
        response.content.decode()
    )
    trade = response.context["card"].trade
    assert trade.chosen == trade.shipped


def test_a_version_for_which_nothing_was_tried_has_no_slider(reader, tmp_path):
    version = evaluated(tmp_path, EVALUATION | {"trade": []})
    response = _look(reader, version)

    assert response.context["card"].trade is None
    assert "data-trade-form" not in response.content.decode()


def test_the_curves_are_sent_for_either_ground(reader, version):
    address = f"{version.get_absolute_url()}curves-"
    light = reader.get(f"{address}light.json").json()
    dark = reader.get(f"{address}dark.json", {"threshold": "0.5"}).json()

    assert list(light) == list(dark) == ["roc", "precision_recall", "calibration"]
    names = [trace.get("name") for trace in light["roc"]["data"]]
    assert names == [None, "hold-out", "grouped by pointing", "threshold 0.0764"]
    colours = [figures["roc"]["layout"]["font"]["color"] for figures in (light, dark)]
    assert colours == ["#181c25", "#e6e9ef"]
    mark = dark["precision_recall"]["data"][-1]
    assert (mark["uid"], mark["x"], mark["y"]) == ("mark", [310 / 366], [310 / 320])
    errors = light["calibration"]["data"][1]["error_y"]
    assert errors["array"] == pytest.approx([0.1, 0.1])


def test_other_curves_are_not_there(reader, version):
    address = f"{version.get_absolute_url()}curves-blue.json"
    assert reader.get(address).status_code == 404


def test_a_threshold_that_is_none_leaves_the_curves_at_the_shipped_one(reader, version):
    address = f"{version.get_absolute_url()}curves-light.json"
    asked = reader.get(address, {"threshold": "x"})
    assert asked.json() == reader.get(address).json()
