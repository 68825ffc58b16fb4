"""A batch in the plane of two features, against what its version was trained on."""

import html
import json
import re

import numpy as np
import pytest
from django.urls import reverse

from monitor.work import State
from pulsar_ml import artefact
from pulsar_ml.features import FEATURES
from pulsar_ml.stretch import stretch
from registry import serving
from registry.register import register
from showroom.forms import RowsForm
from showroom.models import Batch
from showroom.space import counting as space
from showroom.space.counting import look
from showroom.space.plane import CELLS, Cell, Plane
from showroom.start import start
from showroom.tests.conftest import as_csv, every, simulate, stored

pytestmark = pytest.mark.django_db

PAIR = ("prof_skew", "dm_mean")


@pytest.fixture
def made(champion, researcher):
    """Make a batch of these features."""

    def make(values: np.ndarray, **options) -> Batch:
        content = as_csv(values)
        return start([stored("sky.csv", content)], owner=researcher, **options)

    return make


@pytest.fixture
def few_points(monkeypatch):
    """Count rows in cells however few they are."""
    monkeypatch.setattr(space, "MOST_POINTS", 0)


def wanted(**query) -> dict:
    form = RowsForm(query)
    assert form.is_valid(), form.errors
    return form.cleaned_data


def ranges(batch: Batch) -> dict:
    return serving.serve(batch.version).scorer.reference["ranges"]


def seen(batch: Batch, x: str = PAIR[0], y: str = PAIR[1], **query) -> Plane:
    return look(batch, x, y, wanted(**query), ranges(batch))


def address(batch: Batch, name: str = "batch-space") -> str:
    return reverse(f"showroom:{name}", args=[batch.pk])


def grid(cells: list[Cell], what: str) -> np.ndarray:
    counts = np.zeros((CELLS, CELLS))
    for cell in cells:
        counts[cell.y, cell.x] = getattr(cell, what)
    return counts


def figure(page: str) -> dict:
    (found,) = re.findall(
        r'<script id="space-figure" type="application/json">(.*?)</script>', page
    )
    return json.loads(found)


@pytest.mark.parametrize(
    ("pair", "query"),
    [
        (PAIR, {}),
        (("dm_std", "prof_mean"), {}),
        (PAIR, {"predicted": "1"}),
        (PAIR, {"low": 0.5, "dm_skew_to": 9}),
        (PAIR, {"prof_skew_from": 0.1, "prof_skew_to": 0.3, "dm_mean_from": 2}),
        (
            PAIR,
            {
                "prof_skew_from": 0.1,
                "prof_skew_to": 4,
                "dm_mean_from": 2,
                "dm_mean_to": 50,
            },
        ),
    ],
)
def test_cells_hold_what_numpy_counts_in_them(batch, pair, query):
    found = batch(400)
    plane = seen(found, *pair, **query)
    rows = every(found, wanted(**query, sort="row"))
    x, y = (stretch(name, [row[name] for row in rows]) for name in pair)
    pulsars = np.array([row["predicted"] for row in rows])
    ends = [plane.y.ends, plane.x.ends]

    for what, weights in (("n", None), ("n_pulsars", pulsars)):
        counted, _, _ = np.histogram2d(y, x, CELLS, ends, weights=weights)
        assert (grid(plane.cells, what) == counted).all()
    assert plane.n == plane.n_shown == len(rows) > 0
    assert plane.points == [
        (row["row"], row[pair[0]], row[pair[1]], row["probability"], row["predicted"])
        for row in rows
    ]


def test_axes_span_the_training_ranges_and_what_lies_beyond_them(made):
    values = simulate(50)
    values[7, 2] = 12.0
    found = made(values)
    low, high = ranges(found)["prof_skew"]
    plane = seen(found)

    assert (plane.x.low, plane.x.high) == (low, 12.0)
    assert (plane.y.low, plane.y.high) == tuple(ranges(found)["dm_mean"])
    assert high < 12.0


def test_filters_leave_the_axes_where_they_are_unless_they_give_their_ends(made):
    values = simulate(50)
    values[7, 2] = 12.0
    found = made(values)
    whole = seen(found)

    assert seen(found, predicted="1")[:2] == whole[:2]
    closer = seen(found, prof_skew_to=5, dm_mean_from=1, dm_mean_to=20)
    assert closer.x[1:] == (whole.x.low, 5)
    assert closer.y[1:] == (1, 20)


def test_few_rows_far_out_are_counted_and_do_not_squeeze_the_others(made):
    values = simulate(200)
    values[3, 0] = 1e30
    plane = seen(made(values), "prof_mean", "dm_skew")

    assert plane.x.high < 250
    assert (plane.n, plane.n_shown, plane.n_beyond) == (200, 199, 1)


def test_many_rows_far_out_are_shown(made):
    values = simulate(200)
    values[:6, 0] = 1e6
    plane = seen(made(values), "prof_mean", "dm_skew")

    assert plane.x.high == 1e6
    assert plane.n_beyond == 0


@pytest.mark.parametrize("rows", [1, 30])
def test_where_all_values_are_one_there_is_a_picture_around_it(made, rows):
    values = simulate(rows)
    values[:, [0, 4]] = 7.0
    found = made(values)
    plane = look(found, "prof_mean", "dm_mean", wanted(), {})

    assert (plane.x.low, plane.x.high) == (6.5, 7.5)
    low, high = plane.y[1:]
    assert low < 7 < high
    assert plane.n_shown == rows
    assert len(plane.cells) == 1


@pytest.mark.parametrize(
    "query",
    [
        {"prof_skew_from": 9, "prof_skew_to": -9, "dm_mean_from": 1, "dm_mean_to": 2},
        {"prof_skew_from": -1e308, "prof_skew_to": 1e308},
        {"prof_skew_from": 1e308},
        {"prof_skew_from": 0.2, "prof_skew_to": 0.2},
        {"prof_mean_from": -1e308, "prof_mean_to": 1e308, "x": "prof_mean"},
        {"prof_mean_from": 5e-324, "prof_mean_to": 1e-323, "x": "prof_mean"},
        {"prof_mean_from": 2e-100, "prof_mean_to": 4e-100, "x": "prof_mean"},
        {"low": 0.9, "high": 0.1},
        {"text": "no such name"},
    ],
)
def test_no_range_is_too_strange_for_a_picture(ana, batch, query):
    found = batch(20)
    answer = ana.get(address(found), {"x": PAIR[0], "y": PAIR[1]} | query)

    assert answer.status_code == 200
    plane = answer.context["scene"].plane
    assert all(low < high for low, high in (plane.x.ends, plane.y.ends))
    assert len(figure(answer.content.decode())["points"]) == plane.n


def test_the_whole_of_a_batch_that_has_ended_is_counted_once(batch, few_points):
    found = batch(300)
    plane = seen(found)
    (kept,) = found.folder.glob("space-*.json")
    # Nothing but what was kept is asked any more.
    for part in found.folder.glob("part-*"):
        part.unlink()

    assert seen(found) == plane
    assert plane.n_shown == 300
    assert plane.points == []
    assert found.sha256[:16] in kept.name


def test_a_batch_whose_scores_are_not_final_is_counted_anew(batch, few_points):
    found = batch(300)
    found.sha256 = ""

    seen(found)
    assert list(found.folder.glob("space-*")) == []


def test_a_plane_that_cannot_be_kept_is_shown_all_the_same(
    batch, few_points, monkeypatch
):
    found = batch(300)

    def full(_path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(space, "placed", full)
    assert seen(found).n_shown == 300
    assert list(found.folder.glob("space-*")) == []


def test_the_page_shows_the_pair_that_separates_best_and_every_row(ana, batch):
    found = batch(40)
    answer = ana.get(address(found))
    page = answer.content.decode()
    drawn = figure(page)

    assert (drawn["x"]["feature"], drawn["y"]["feature"]) == PAIR
    assert len(drawn["points"]) == 40
    assert [kind for kind, _ in drawn["outlines"]] == ["others"] * 2 + ["pulsars"] * 2
    assert page.count('<path class="dots"') == 36
    assert page.count('<path class="diamonds"') == 4
    assert page.count('<path class="outline pulsars"') == 2
    assert f'{reverse("showroom:row", args=[found.pk, 10])}?"' in page
    assert "The outlines hold 50 % and 90 % of the training data of pulsar/2" in page
    assert f'{found.get_absolute_url()}?#rows">Show these 40 rows' in page
    assert "style-src 'self' 'unsafe-inline'" in answer["Content-Security-Policy"]


def test_many_rows_are_cells_whose_pulsars_have_marks(ana, batch, few_points):
    found = batch(300)
    page = ana.get(address(found)).content.decode()
    drawn = figure(page)

    assert drawn["points"] == []
    assert sum(n for *_, n, _ in drawn["cells"]) == 300
    assert sum(n for _, _, n, _ in drawn["marks"]) == 30
    assert page.count('<path class="diamonds"') == 1
    shades = re.findall(r'<path class="shade-(\d)" d="([^"]+)"', page)
    assert [shade for shade, _ in shades] == sorted({shade for shade, _ in shades})
    # Strips of neighbouring cells together are as long as all cells.
    strips = re.findall(r"M([\d.]+) [\d.]+H([\d.]+)", "".join(d for _, d in shades))
    wide = sum(float(end) - float(begin) for begin, end in strips)
    assert wide / 8.88 == pytest.approx(len(drawn["cells"]), abs=1)


def test_filters_reach_the_rows_and_every_link(ana, batch):
    found = batch(40)
    query = {
        "x": "prof_skew",
        "y": "dm_mean",
        "predicted": "1",
        "dm_skew_to": "9",
        "prof_skew_from": "1",
        "prof_skew_to": "5",
        "sort": "row",
    }
    page = html.unescape(ana.get(address(found), query).content.decode())

    rows = "predicted=1&dm_skew_to=9&prof_skew_from=1&prof_skew_to=5"
    axes = "x=prof_skew&y=dm_mean"
    assert "<strong>4</strong> of 40 rows" in page
    assert f'{found.get_absolute_url()}?{rows}#rows">Show these 4 rows' in page
    assert f"{address(found)}?x=dm_mean&y=prof_skew&{rows}" in page
    assert f"{address(found)}?{axes}&predicted=1&dm_skew_to=9" in page
    assert f'?{axes}&dm_skew_to=9&prof_skew_from=1&prof_skew_to=5" hx' in page
    assert '<input type="hidden" name="predicted" value="1">' in page
    assert 'name="prof_skew_from" value="1"' in page
    assert ana.get(f"{found.get_absolute_url()}?{rows}").context["page"].total == 4


def test_htmx_gets_the_picture_alone(ana, batch):
    found = batch(10)
    part = ana.get(address(found), headers={"HX-Request": "true"})
    whole = ana.get(address(found))

    assert part.content.decode().strip().startswith('<section id="space"')
    assert part.content.decode().strip() in whole.content.decode()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"x": "mass"}, "Across: Select a valid choice. mass is not one"),
        ({"y": "prof_mean; drop"}, "Upwards: Select a valid choice."),
        ({"x": "dm_std", "y": "dm_std"}, "Upwards: Choose two different features."),
        ({"prof_mean_from": "much"}, "Enter a number."),
    ],
)
def test_an_address_that_makes_no_sense_is_refused_with_words(ana, batch, query, words):
    found = batch(10)
    page = ana.get(address(found), query)
    part = ana.get(address(found), query, headers={"HX-Request": "true"})

    assert (page.status_code, part.status_code) == (400, 422)
    assert words in page.content.decode()
    assert part.content.decode().strip().startswith('<section id="space"')
    assert words in part.content.decode()


def test_one_feature_alone_gets_the_other_of_the_best_pair(ana, batch):
    found = batch(10)

    for query, pair in [
        ({"x": "prof_skew"}, ("prof_skew", "dm_mean")),
        ({"y": "prof_skew"}, ("dm_mean", "prof_skew")),
        ({"x": "dm_mean"}, ("dm_mean", "prof_skew")),
        ({"y": "dm_std"}, ("prof_skew", "dm_std")),
    ]:
        drawn = figure(ana.get(address(found), query).content.decode())
        assert (drawn["x"]["feature"], drawn["y"]["feature"]) == pair


def test_a_version_that_remembers_no_maps_is_shown_without_them(
    ana, champion, researcher, tmp_path
):
    files, _ = artefact.read(champion.folder, sha256=champion.sha256)
    reference = json.loads(files[artefact.REFERENCE])
    del reference["densities"]
    older = {**files, artefact.REFERENCE: artefact.to_json(reference)}
    artefact.write(tmp_path / "older", older)
    version = register(tmp_path / "older")
    found = start([stored("a.csv", as_csv(simulate(9)))], owner=researcher)
    Batch.objects.filter(pk=found.pk).update(version=version)
    page = ana.get(address(found)).content.decode()

    assert "pulsar/3 does not remember how its training data lies" in page
    drawn = figure(page)
    assert (drawn["x"]["feature"], drawn["y"]["feature"]) == ("prof_exkurt", "dm_skew")
    assert (len(drawn["points"]), drawn["outlines"]) == (9, [])


def test_a_version_whose_files_are_gone_leaves_the_rows(ana, batch, champion):
    found = batch(9)
    (champion.folder / artefact.SUMS).unlink()
    serving._scorer.cache_clear()
    page = ana.get(address(found)).content.decode()

    assert "The training data cannot be shown:" in page
    assert len(figure(page)["points"]) == 9


def test_a_batch_under_way_says_so(ana, batch):
    found = batch(9)
    Batch.objects.filter(pk=found.pk).update(state=State.QUEUED)

    page = ana.get(address(found)).content.decode()
    assert "The batch is queued." in page
    assert "space-figure" not in page
    assert ana.get(address(found, "batch-space-thumbnail")).status_code == 204


def test_a_batch_of_rejects_has_nothing_to_see(ana, batch):
    found = batch(9)
    Batch.objects.filter(pk=found.pk).update(state=State.FAILED, n_scored=0)

    assert (
        "No row of this batch was scored." in ana.get(address(found)).content.decode()
    )


def test_the_page_of_the_batch_shows_it_small(ana, batch):
    found = batch(9)
    small = address(found, "batch-space-thumbnail")

    assert f'hx-get="{small}"' in ana.get(found.get_absolute_url()).content.decode()
    picture = ana.get(small).content.decode()
    assert f'href="{address(found)}"' in picture
    assert picture.count('<path class="dots"') == 9
    assert "<text" not in picture


@pytest.mark.parametrize("name", ["batch-space", "batch-space-thumbnail"])
def test_a_private_batch_is_not_there_for_others(
    client, made, person, researcher, name
):
    found = made(simulate(9), private=True)

    for user, status in [
        (researcher, 200),
        (person("admin"), 200),
        (person("operator"), 404),
        (person("researcher", "eve"), 404),
    ]:
        client.force_login(user)
        assert client.get(address(found, name)).status_code == status


def test_every_pair_can_be_asked_for(ana, batch):
    found = batch(9)

    for x, y in zip(FEATURES, FEATURES[1:] + FEATURES[:1], strict=True):
        drawn = figure(ana.get(address(found), {"x": x, "y": y}).content.decode())
        assert (drawn["x"]["feature"], drawn["y"]["feature"]) == (x, y)
        assert len(drawn["outlines"]) == 4
