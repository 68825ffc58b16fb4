"""The table over every row: sorted, filtered, paged by key, downloaded."""

import csv
import io
import itertools

import pandas as pd  # noqa: TID253  # a table is what is written
import pytest

from pulsar_ml import parquet
from showroom import rows
from showroom.forms import SORTS, RowsForm
from showroom.start import start
from showroom.tests.conftest import as_csv, every, simulate, stored

pytestmark = pytest.mark.django_db


def wanted(**query):
    form = RowsForm(query)
    assert form.is_valid(), form.errors
    return form.cleaned_data


def numbers(batch, **query):
    return [row["row"] for row in every(batch, wanted(**query))]


def walk(batch, direction, query, size=7):
    """Follow the links of one direction to their end."""
    page = rows.page(batch, wanted(**query), size)
    while True:
        yield page
        key = getattr(page, direction)
        if not key:
            return
        step = {"next": "after", "previous": "before"}[direction]
        page = rows.page(batch, wanted(**query, **{step: key}), size)


@pytest.mark.parametrize("sort", [s for name in SORTS for s in (name, f"-{name}")])
def test_every_sort_orders_all_rows_with_ties_by_row(batch, sort):
    # Names repeat, so that ties are there.
    found = batch(40, name=["a", "B"] * 20)
    values = every(found, wanted(sort=sort))

    key = sort.removeprefix("-")
    expected = sorted(values, key=lambda row: row["row"])
    expected.sort(key=lambda row: row[key], reverse=sort.startswith("-"))
    assert [row["row"] for row in values] == [row["row"] for row in expected]


@pytest.mark.parametrize("sort", ["-probability", "name", "-row"])
def test_pages_joined_are_the_whole_in_both_directions(batch, sort):
    found = batch(40, name=["a", "B"] * 20)
    pages = list(walk(found, "next", {"sort": sort}))
    there = [row["row"] for page in pages for row in page.rows]
    last = pages[-1]

    assert there == numbers(found, sort=sort)
    assert [len(page.rows) for page in pages] == [7, 7, 7, 7, 7, 5]
    assert all(page.total == 40 for page in pages)
    assert pages[0].previous == last.next == ""
    back = list(walk(found, "previous", {"sort": sort, "after": pages[-2].next}))
    assert [row["row"] for page in reversed(back) for row in page.rows] == there


def test_filters_keep_what_fits_and_count_it(batch):
    found = batch(40, name=[f"J{place:04}" for place in range(40)])
    everything = {row["row"]: row for row in every(found, wanted())}
    pulsars = sorted(n for n, row in everything.items() if row["predicted"])

    assert pulsars == [10, 20, 30, 40]
    assert numbers(found, predicted="1", sort="row") == pulsars
    assert len(numbers(found, predicted="0")) == 36
    assert numbers(found, text="j001", sort="row") == list(range(11, 21))
    edge = everything[20]["probability"]
    assert sorted(numbers(found, low=edge)) == sorted(
        n for n, row in everything.items() if row["probability"] >= edge
    )
    assert sorted(numbers(found, high=edge)) == sorted(
        n for n, row in everything.items() if row["probability"] <= edge
    )
    for warning in ("extrapolation", "unusual"):
        assert numbers(found, warning=warning, sort="row") == [
            n for n, row in sorted(everything.items()) if warning in row["warnings"]
        ]
    assert numbers(found, warning="none", sort="row") == [
        n for n, row in sorted(everything.items()) if not row["warnings"]
    ]
    assert rows.page(found, wanted(predicted="1"), 3).total == 4


def test_a_text_filter_is_taken_to_the_letter(batch):
    found = batch(3, name=["50%", "a_b", "it's"])

    assert numbers(found, text="%") == [1]
    assert numbers(found, text="_") == [2]
    assert numbers(found, text="'") == [3]
    assert numbers(found, text="' or true --") == []


@pytest.mark.parametrize(
    "query",
    [
        {"sort": "probability; drop table scores"},
        {"sort": "meta_0"},
        {"low": "much"},
        {"low": "nan"},
        {"high": "2"},
        {"after": "12"},
        {"after": "[NaN,1]"},
        {"after": '["x",0]'},
        {"after": '["\\ud800",1]', "sort": "name"},
        {"after": "[1e999,1]"},
        {"after": '[{"a":1},1]'},
        {"after": "[true,1]"},
        {"after": "[0.5,true]"},
        {"before": "[1,99999999999999999999999]"},
    ],
)
def test_an_address_that_was_tampered_with_is_refused_with_words(ana, batch, query):
    found = batch(10)
    page = ana.get(found.get_absolute_url(), query)
    file = ana.get(f"{found.get_absolute_url()}scores.csv", query)

    assert (page.status_code, file.status_code) == (400, 400)
    assert "Show all rows" in page.content.decode()


def test_a_key_of_the_wrong_kind_finds_words_and_no_crash(ana, batch):
    found = batch(10)
    query = {"sort": "-probability", "after": '["high",3]'}

    assert ana.get(found.get_absolute_url(), query).status_code == 400


def test_htmx_gets_the_table_alone(ana, batch):
    found = batch(10)
    part = ana.get(found.get_absolute_url(), headers={"HX-Request": "true"})
    whole = ana.get(found.get_absolute_url())

    assert part.content.decode().strip().startswith('<div id="rows"')
    assert part.content.decode().strip() in whole.content.decode()


def download(client, batch, **query):
    response = client.get(f"{batch.get_absolute_url()}scores.csv", query)
    text = b"".join(response.streaming_content).decode()
    return response, list(csv.reader(io.StringIO(text, newline="")))


def test_the_download_holds_what_was_uploaded_with_its_scores(ana, batch):
    found = batch(12, name=list("abcdefghijkl"), beam=[str(n) for n in range(12)])
    response, (header, *lines) = download(ana, found, sort="row")

    assert response["Content-Disposition"] == (
        f'attachment; filename="batch-{found.pk}-scores.csv"'
    )
    assert header == [
        "row",
        "name",
        "prof_mean",
        "prof_std",
        "prof_skew",
        "prof_exkurt",
        "dm_mean",
        "dm_std",
        "dm_skew",
        "dm_exkurt",
        "probability",
        "predicted",
        "warnings",
        "model_version",
        "beam",
    ]
    assert [line[1] for line in lines] == list("abcdefghijkl")
    assert [line[-1] for line in lines] == [str(n) for n in range(12)]
    assert {line[-2] for line in lines} == {str(found.version)}
    original = found.files.get().path.read_text().splitlines()[1:]
    assert [line[2:10] for line in lines] == [row.split(",")[:8] for row in original]


def test_the_download_obeys_the_filters(ana, batch):
    _, (_, *lines) = download(ana, batch(40), predicted="1", sort="row")

    assert [line[0] for line in lines] == ["10", "20", "30", "40"]


def test_no_cell_of_a_download_is_a_formula(ana, batch):
    hostile = ["=1+1", "+1", "@SUM(A1)", "-cmd", "\t=1", "-12.5"]
    found = batch(6, **{"name": hostile, "=cmd()": hostile})
    _, (header, *lines) = download(ana, found, sort="row")

    assert header[-1] == "'=cmd()"
    cells = list(itertools.chain.from_iterable((line[1], line[-1]) for line in lines))
    assert not [cell for cell in cells if cell[:1] in "=@\t\r" or cell == "-cmd"]
    assert "-12.5" in cells


def test_rejects_come_as_a_file(ana, champion, researcher):
    content = as_csv(simulate(3)) + b"1,2,3\n"
    found = start([stored("sky.csv", content)], owner=researcher)
    response = ana.get(f"{found.get_absolute_url()}rejects.csv")
    header, line = csv.reader(
        io.StringIO(b"".join(response.streaming_content).decode(), newline="")
    )

    assert header == ["row", "file", "line", "column", "value", "reason", "name"]
    assert line[:3] == ["4", "sky.csv", "5"]


def test_rejects_of_an_older_site_have_no_names(ana, champion, researcher, tmp_path):
    values = simulate(3)
    values[1, 1] = -1
    names = ["J1", "J2", "J3"]
    found = start([stored("sky.csv", as_csv(values, name=names))], owner=researcher)
    kept = found.folder / found.chunks.get().rejects
    frame = pd.DataFrame(rows.rejects(found)).astype({"line": "Int64"})
    address = f"{found.get_absolute_url()}rejects.csv"
    new = b"".join(ana.get(address).streaming_content).decode()
    parquet.write(kept, frame.drop(columns="name"), temp=tmp_path)
    old = b"".join(ana.get(address).streaming_content).decode()

    assert new.splitlines()[1].endswith(",J2")
    assert old == new.replace(",J2", ",")
    assert "None" not in ana.get(found.get_absolute_url()).content.decode()


def test_values_of_any_size_have_a_next_page(ana, batch):
    found = batch(10)
    query = {"sort": "-prof_mean", "after": "[1e+25,16]"}

    assert ana.get(found.get_absolute_url(), query).status_code == 200
