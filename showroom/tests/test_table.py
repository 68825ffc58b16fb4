"""The table over several parts: every order, every filter, and what is opened."""

import json
import math

import numpy as np
import pandas as pd  # noqa: TID253  # a table is what is written
import pytest

from monitor.work import State
from pulsar_ml.features import FEATURES
from showroom import parts, rows, scores, table
from showroom.forms import SORTS, RowsForm
from showroom.models import BINS, Batch, Chunk

pytestmark = pytest.mark.django_db

N = 300
PART = 80
COLUMNS = ["dm", "note"]
# Numbers as files write them, text among them, and what is not there.
DM = ["9", "10.5", "1e2", "-3", "10.50", "nan", "", None, "n/a", "B", "a", " 7"]
METADATA = [f"meta_{place}" for place in range(len(COLUMNS))]


def simulated():
    """Rows full of ties; every seventh number is missing, as a reject would be."""
    random = np.random.default_rng(1)
    numbers = np.array([n for n in range(1, N + 1) if n % 7])
    n = len(numbers)
    frame = pd.DataFrame({"row": numbers})
    frame["name"] = random.choice(["a", "B", "ä", "J0001", None], n)
    for feature in FEATURES:
        frame[feature] = random.integers(-2, 3, n) / 4
    frame["probability"] = (random.integers(0, 21, n) / 20).astype("float32")
    frame["predicted"] = (frame["probability"] > 0.7).astype("int8")
    warnings = ["", "extrapolation", "unusual", "extrapolation, unusual"]
    frame["warnings"] = random.choice(warnings, n)
    frame["dm"] = random.choice(np.array(DM, dtype=object), n)
    frame["note"] = random.choice(np.array(["x", "y", None], dtype=object), n)
    return frame


@pytest.fixture
def batch(champion, researcher):
    """A batch of several parts, one of which has a column less."""
    made = Batch.objects.create(
        owner=researcher,
        title="several parts",
        version=champion,
        columns=COLUMNS,
        state=State.SUCCESS,
    )
    frame = simulated()
    with parts.writer(made) as put:
        for number, first in enumerate(range(1, N + 1, PART)):
            some = frame[frame["row"].between(first, first + PART - 1)]
            some = some.drop(columns="note") if number == 1 else some
            part, sha256 = parts.write_scores(
                put, made, number, some, COLUMNS, worker="test"
            )
            Chunk.objects.create(
                batch=made,
                number=number,
                first_row=first,
                n_rows=min(PART, N + 1 - first),
                n_scored=len(some),
                n_pulsars=int(some["predicted"].sum()),
                histogram=scores.histogram(some["probability"].to_numpy()),
                part=part,
                sha256=sha256,
            )
    made.n_rows, made.n_scored = N, len(frame)
    made.sha256 = scores.digest(made)
    made.save()
    return made


def everything():
    """All rows of the batch, as plain Python."""
    frame = simulated()
    frame.loc[frame["row"].between(PART + 1, 2 * PART), "note"] = None
    frame = frame.rename(columns=dict(zip(COLUMNS, METADATA, strict=True)))
    return frame.astype(object).where(frame.notna(), None).to_dict("records")


def wanted(batch, **query):
    form = RowsForm(query, batch=batch)
    assert form.is_valid(), form.errors
    return form.cleaned_data


def walk(batch, direction, size=40, **query):
    """The numbers on each page, and where it leads to."""
    step = {"next": "after", "previous": "before"}[direction]
    page = rows.page(batch, wanted(batch, **query), size)
    while True:
        yield page
        key = getattr(page, direction)
        if not key:
            return
        query = {k: v for k, v in query.items() if k not in {"after", "before"}}
        page = rows.page(batch, wanted(batch, **query, **{step: key}), size)


def place(column, row, *, descending):
    """Where a row stands in an order, with what is missing behind everything."""
    value = row[column]
    sign = -1 if descending else 1
    if column.startswith("meta_"):
        number = _number(value)
        if number is not None:
            return (0, sign * number, _letters(value, sign), row["row"])
        return (1 if value else 2, 0, _letters(value or "", sign), row["row"])
    if column in {"name", "warnings"}:
        return (value is None, 0, _letters(value or "", sign), row["row"])
    return (0, sign * value, (), row["row"])


def _number(text):
    try:
        number = float(text or "none")
    except ValueError:
        return None
    return None if math.isnan(number) else number


def _letters(text, sign):
    """Text by its bytes, backwards if need be; a shorter one comes first or last."""
    letters = tuple(sign * letter for letter in text.encode())
    return (*letters, -sign * math.inf) if sign == -1 else letters


def test_all_pages_of_every_order_are_the_whole_in_both_directions(batch):
    everyone = everything()
    # All features are sorted by the same lines.
    columns = [name for name in SORTS if name not in FEATURES[1:]] + METADATA
    for sort in (sort for name in columns for sort in (name, f"-{name}")):
        column, descending = sort.removeprefix("-"), sort.startswith("-")
        expected = sorted(
            (place(column, row, descending=descending), row["row"]) for row in everyone
        )
        pages = list(walk(batch, "next", 90, sort=sort))
        there = [row for page in pages for row in page.rows]

        assert [row["row"] for row in there] == [n for _, n in expected], sort
        assert [page.total for page in pages] == [len(expected)] * 3
        assert pages[0].previous == pages[-1].next == ""
        back = walk(batch, "previous", 90, sort=sort, before=pages[-1].previous)
        assert [page.rows for page in back] == [pages[1].rows, pages[0].rows], sort


def test_a_page_has_what_its_rows_have(batch):
    by_number = {row["row"]: row for row in everything()}
    found = rows.page(batch, wanted(batch, sort="-meta_0"), 50).rows

    assert found == [by_number[row["row"]] for row in found]
    few = rows.page(batch, wanted(batch, sort="-meta_0"), 50, ["name"]).rows
    kept = ("name", "row", "meta_0")
    assert few == [{key: row[key] for key in kept} for row in found]


FILTERS = [
    ({"text": "J0"}, lambda r: "j0" in (r["name"] or "").lower()),
    ({"text": "00"}, lambda r: "00" in (r["name"] or "")),
    ({"text": "Ä"}, lambda r: r["name"] == "ä"),
    ({"predicted": "1"}, lambda r: r["predicted"] == 1),
    ({"predicted": "0"}, lambda r: r["predicted"] == 0),
    ({"warning": "none"}, lambda r: not r["warnings"]),
    ({"warning": "unusual"}, lambda r: "unusual" in r["warnings"]),
    # As they are shown: 0.7 is no float32, and the one next to it is meant.
    ({"low": "0.7"}, lambda r: r["probability"] >= np.float32(0.7)),
    ({"high": "0.3"}, lambda r: r["probability"] <= np.float32(0.3)),
    *(
        ({f"{feature}_from": "-0.25"}, lambda r, feature=feature: r[feature] >= -0.25)
        for feature in FEATURES
    ),
    *(
        ({f"{feature}_to": "0.25"}, lambda r, feature=feature: r[feature] <= 0.25)
        for feature in FEATURES
    ),
]


def fitting(batch, query):
    with rows.query(batch, wanted(batch, sort="row", **query)) as asked:
        found = asked.connection.execute(
            f"select row from {asked.rows} order by {asked.order}",
            asked.values,
        ).fetchall()
    return [number for (number,) in found]


def test_each_filter_alone_keeps_what_fits(batch):
    for query, fits in FILTERS:
        expected = [row["row"] for row in everything() if fits(row)]

        assert 0 < len(expected) < len(everything()), query
        assert fitting(batch, query) == expected, query
        assert sum(rows.counts(batch, wanted(batch, **query))) == len(expected), query


def test_filters_together_keep_what_fits_all(batch):
    for one, fits_one in FILTERS[::5]:
        for other, fits_other in FILTERS[1::6]:
            if one.keys() & other.keys():
                continue
            assert fitting(batch, one | other) == [
                row["row"] for row in everything() if fits_one(row) and fits_other(row)
            ]


def test_the_histogram_of_what_fits_has_the_ledger_s_bins(batch):
    whole = rows.counts(batch)

    assert sum(whole) == batch.n_scored
    # Every row fits, but the parts are asked.
    assert rows.counts(batch, wanted(batch, low="0")) == whole
    pulsars = [r["probability"] for r in everything() if r["predicted"]]
    expected = scores.histogram(np.array(pulsars, dtype="float32"))
    assert rows.counts(batch, wanted(batch, predicted="1")) == expected


def test_every_edge_of_a_bin_lies_where_the_ledger_has_it(batch):
    edges = np.array([place / BINS for place in range(BINS + 1)], dtype="float32")
    near = [
        edges,
        np.nextafter(edges, np.float32(0)),
        np.nextafter(edges, np.float32(1)),
    ]
    values = np.concatenate(near)
    frame = simulated().iloc[: len(values)].assign(probability=values)
    frame["row"] = range(1, len(values) + 1)
    last = batch.chunks.order_by("number").last()
    batch.chunks.exclude(pk=last.pk).delete()
    with parts.writer(batch) as put:
        part, _ = parts.write_scores(put, batch, 9, frame, COLUMNS, worker="test")
    batch.chunks.update(part=part, first_row=1, n_rows=len(values))
    Batch.objects.update(sha256="")
    batch.refresh_from_db()

    counted = rows.counts(batch, wanted(batch, low="0"))
    assert counted == scores.histogram(values)


def test_no_more_parts_are_opened_than_hold_the_rows(batch):
    by_number = {row["row"]: row for row in everything()}
    _, *others = batch.chunks.order_by("number")
    for chunk in others:
        (batch.folder / chunk.part).unlink()

    assert rows.one(batch, 5) == by_number[5]
    assert rows.one(batch, 7) is None
    with rows.scores(batch, [5, 6]) as connection:
        found = connection.execute("select row, meta_1 from scores where row < 7")
        assert found.fetchall() == [(n, by_number[n]["meta_1"]) for n in range(1, 7)]
    with pytest.raises(FileNotFoundError, match=others[0].part), rows.scores(batch):
        pass


def test_a_page_reads_its_other_columns_from_the_parts_of_its_rows(batch, monkeypatch):
    asked = []
    opened = rows.paging.scores

    def scores_of(batch, numbers=None, **order):
        asked.append(numbers)
        return opened(batch, numbers, **order)

    monkeypatch.setattr(rows.paging, "scores", scores_of)
    page = rows.page(batch, wanted(batch), 10)

    assert asked == [None, [row["row"] for row in page.rows]]


@pytest.mark.parametrize("most", [10, N])
def test_pages_of_what_fits_are_the_same_whether_it_is_few_or_many(
    batch, monkeypatch, most
):
    monkeypatch.setattr(rows.counting, "_FEW", most)
    rows.counting._counted_once.cache_clear()
    fitting = [row for row in everything() if row["predicted"]]
    for sort in ("meta_0", "-meta_0", "name", "-row"):
        column, descending = sort.removeprefix("-"), sort.startswith("-")
        expected = sorted(
            (place(column, row, descending=descending), row["row"]) for row in fitting
        )
        pages = list(walk(batch, "next", sort=sort, predicted="1"))

        assert len(pages) > 1
        assert [row["row"] for page in pages for row in page.rows] == [
            n for _, n in expected
        ]
        assert {page.total for page in pages} == {len(expected)}
    rows.counting._counted_once.cache_clear()


def test_of_few_rows_that_fit_no_part_without_any_is_read_again(batch):
    by_number = {row["row"]: row for row in everything()}
    # The rows of the ledger's last part alone, told by a name that they alone have.
    last = batch.chunks.order_by("number").last()
    frame = simulated()
    frame = frame[frame["row"] >= last.first_row].assign(name="PSR")
    with parts.writer(batch) as put:
        last.part, _ = parts.write_scores(put, batch, 9, frame, COLUMNS, worker="test")
    last.save()
    rows.counting._counted_once.cache_clear()
    first = rows.page(batch, wanted(batch, text="psr", sort="row"), 20)
    for chunk in batch.chunks.exclude(pk=last.pk):
        (batch.folder / chunk.part).unlink()

    for query in ({"after": first.next}, {"sort": "-name"}, {"sort": "-meta_0"}):
        asked = wanted(batch, **{"text": "psr", "sort": "row"} | query)
        page = rows.page(batch, asked, 20)
        assert (len(page.rows), page.total) == (20, len(frame))
        assert all(row == by_number[row["row"]] | {"name": "PSR"} for row in page.rows)
    rows.counting._counted_once.cache_clear()


def test_what_was_counted_once_is_not_counted_again(batch):
    query = {"predicted": "1", "prof_mean_from": "-9"}
    first = rows.counts(batch, wanted(batch, **query))
    for chunk in batch.chunks.all():
        (batch.folder / chunk.part).unlink()

    assert rows.counts(batch, wanted(batch, **query)) == first
    Batch.objects.update(sha256="")
    batch.refresh_from_db()
    with pytest.raises(FileNotFoundError):
        rows.counts(batch, wanted(batch, **query))


@pytest.mark.parametrize(
    "sort", ["meta_0", "-meta_0", "name", "-warnings", "predicted"]
)
def test_the_rows_beside_each_row_are_those_of_the_table(batch, sort):
    order = [r for page in walk(batch, "next", sort=sort) for r in page.rows]
    for place in (0, 1, 100, len(order) - 1):
        beside = [
            rows.beside(
                batch, wanted(batch, sort=sort), order[place], backwards=backwards
            )
            for backwards in (True, False)
        ]
        assert beside == [
            order[place - 1]["row"] if place else None,
            order[place + 1]["row"] if place + 1 < len(order) else None,
        ]


REFUSED = [
    {"sort": "meta_2"},
    {"sort": "meta_0", "after": "[5,1]"},
    {"sort": "meta_0", "after": '["5"]'},
    {"sort": "row", "after": "[null,1]"},
    {"dm_mean_from": "much"},
    {"dm_mean_to": "inf"},
    {"prof_skew_from": "1e999"},
]


def test_what_cannot_be_meant_is_refused_with_words(ana, batch):
    for query in REFUSED:
        page = ana.get(batch.get_absolute_url(), query)
        part = ana.get(batch.get_absolute_url(), query, headers={"HX-Request": "true"})

        assert (page.status_code, part.status_code) == (400, 422), query
        for answer in (page, part):
            assert "Show all rows" in answer.content.decode()
        assert 'id="rows"' in part.content.decode()


ODD = [
    {"sort": "meta_0", "after": "[null,12]"},
    {"sort": "-meta_1", "before": '["x",12]'},
    {"sort": "predicted", "after": "[1e300,12]"},
    {"sort": "row", "before": "[9e18,9223372036854775807]"},
    {"sort": "probability", "after": "[-1e300,1]"},
    {"prof_mean_from": "1e300", "prof_mean_to": "-1e300"},
]


def test_odd_places_and_ranges_have_a_page_all_the_same(ana, batch):
    for query in ODD:
        assert ana.get(batch.get_absolute_url(), query).status_code == 200, query


def test_a_range_that_ends_before_it_begins_is_told(ana, batch):
    address = batch.get_absolute_url()
    query = {"low": "0.9", "high": "0.2", "dm_std_from": "2", "dm_std_to": "1"}
    page = ana.get(address, query | {"prof_std_from": "3"}).content.decode()

    for name in ("score", "dm_std"):
        assert f"“From” is larger than “to”: {name}." in page
    assert page.count("“From” is larger") == 2
    page = ana.get(address, {"low": "0.5", "high": "0.5", "text": "?"}).content.decode()
    assert "No row fits." in page
    assert "“From” is larger" not in page


def test_cells_say_what_matters_of_long_names_and_of_warnings():
    found = Batch(columns=[])
    headings = table.columns(found, "row")
    long = "survey.zip!pointing_0123456789/beam/a.pfd"

    def told(**row):
        numbers = dict.fromkeys(("probability", *FEATURES), 0.0)
        shown = table.cells(headings, [numbers | row])[0]
        return [(c.text, c.whole) for c in shown if c.column.name in row]

    assert told(name=long, warnings="extrapolation;unusual") == [
        ("a.pfd", long),
        ("extrapolation", ""),
    ]
    assert told(name="a.zip!b/c.pfd", warnings="unusual;other") == [
        ("a.zip!b/c.pfd", ""),
        ("unusual, other", ""),
    ]


def test_every_heading_sorts_and_says_which_way(ana, batch):
    page = ana.get(batch.get_absolute_url(), {"sort": "-meta_0"})
    columns = page.context["columns"]

    assert [column.sort for column in columns] == [
        "row",
        "name",
        "-probability",
        "-predicted",
        "",  # nothing is sorted by verdicts
        "-warnings",
        *(f"-{feature}" for feature in FEATURES),
        "meta_0",
        "meta_1",
    ]
    assert [c.name for c in columns if c.sorted == "descending"] == ["meta_0"]
    assert "other text comes behind them" in page.content.decode()


def test_an_address_holds_what_was_asked_and_nothing_empty(ana, batch):
    address = batch.get_absolute_url()
    query = {"text": "", "predicted": "1", "low": "", "dm_mean_from": "", "warning": ""}

    for headers in ({}, {"HX-Request": "true"}):
        answer = ana.get(address, query, headers=headers)
        assert (answer.status_code, answer.url) == (302, f"{address}?predicted=1")
    assert ana.get(address, {"text": "", "low": ""}).url == address
    assert ana.get(f"{address}?predicted=1").status_code == 200


def test_links_and_chips_carry_the_filters_on(ana, batch):
    query = {
        "text": "a&b",
        "predicted": "0",
        "warning": "none",
        "low": "0.1",
        "high": "0.9",
        "dm_mean_to": "2",
        "sort": "row",
        "after": "[3,3]",
    }
    page = ana.get(batch.get_absolute_url(), query)

    kept = "text=a%26b&predicted=0&warning=none&low=0.1&high=0.9&dm_mean_to=2&sort=row"
    assert [(chip.words, chip.query) for chip in page.context["chips"]] == [
        ("name contains “a&b”", kept.replace("text=a%26b&", "")),
        ("no pulsars", kept.replace("predicted=0&", "")),
        ("no warning", kept.replace("warning=none&", "")),
        ("score from 0.1 to 0.9", kept.replace("low=0.1&high=0.9&", "")),
        ("dm_mean up to 2", kept.replace("dm_mean_to=2&", "")),
    ]
    content = page.content.decode()
    assert "More filters (1 set)" in content
    assert '<details class="ranges" open>' in content
    # Where no row fits there is nothing to download.
    content = ana.get(batch.get_absolute_url(), query | {"text": "B"}).content.decode()
    escaped = kept.replace("a%26b", "B").replace("&", "&amp;")
    for place in ("scores.csv", "scores.parquet", "space/"):
        assert (
            f"{batch.get_absolute_url()}{place}?{escaped.partition('&amp;sort')[0]}"
            in content
        )


def test_the_fold_is_closed_and_no_chip_there_while_nothing_is_set(ana, batch):
    page = ana.get(batch.get_absolute_url(), {"sort": "row"})
    content = page.content.decode()

    assert page.context["chips"] == []
    assert '<details class="ranges" >' in content
    assert "More filters</summary>" in content
    assert 'class="bar behind"' not in content


def test_what_fits_stands_before_all_in_the_histogram(ana, batch):
    page = ana.get(batch.get_absolute_url(), {"predicted": "1"})
    by_bin = list(zip(rows.counts(batch), page.context["bars"], strict=True))

    assert [bar.of for _, bar in by_bin] == [n for n, _ in by_bin]
    assert sum(bar.n for _, bar in by_bin) == page.context["page"].total
    assert all(bar.height_of >= bar.height >= 0 for _, bar in by_bin)
    assert page.content.decode().count('class="bar behind"') == sum(
        n > 0 for n, _ in by_bin
    )


def test_a_missing_part_is_said_in_words_wherever_rows_are_read(ana, batch):
    part = batch.chunks.order_by("number")[1].part
    (batch.folder / part).unlink()
    address = batch.get_absolute_url()

    for page in (address, f"{address}rows/{PART + 2}/", f"{address}space/"):
        answer = ana.get(page)
        assert answer.status_code == 503, page
        assert f"{part} is missing among the stored scores of {batch}." in (
            answer.content.decode()
        )
        assert "classify the same files again" in answer.content.decode()
    htmx = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{address}"}
    moved = ana.get(f"{address}?sort=row", headers=htmx)
    assert (moved.status_code, moved["HX-Redirect"]) == (503, f"{address}?sort=row")
    beside = ana.get(f"{address}space/thumbnail/", headers=htmx)
    assert (beside.status_code, "HX-Redirect" in beside) == (503, False)


def test_a_part_that_is_damaged_is_said_in_words(ana, batch):
    (batch.folder / batch.chunks.order_by("number")[1].part).write_bytes(b"PAR1")
    answer = ana.get(batch.get_absolute_url())

    assert answer.status_code == 503
    assert "cannot be read" in answer.content.decode()


def test_a_query_without_room_is_said_in_words(ana, batch, settings):
    (settings.PULSAR.storage.root / "tmp").rmdir()
    (settings.PULSAR.storage.root / "tmp").write_text("in the way")
    answer = ana.get(batch.get_absolute_url())

    assert answer.status_code == 503
    assert "Nothing that is stored was harmed" in answer.content.decode()


def test_a_missing_file_of_rejects_is_said_before_the_download_begins(ana, batch):
    Chunk.objects.filter(batch=batch, number=0).update(rejects="rejects-0.parquet")
    answer = ana.get(f"{batch.get_absolute_url()}rejects.csv")

    assert answer.status_code == 503
    assert "rejects-0.parquet is missing" in answer.content.decode()


def test_keys_of_a_page_lead_back_through_json(batch):
    page = rows.page(batch, wanted(batch, sort="meta_0"), 30)

    value, number = json.loads(page.next)
    last = page.rows[-1]
    assert (value, number) == (last["meta_0"], last["row"])
