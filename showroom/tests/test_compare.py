"""Two versions on the same rows: how often they agree, and where they do not."""

import csv
import io
import statistics

import pytest
from django.urls import reverse

from monitor.work import State
from pulsar_ml import parquet
from registry.models import Version
from showroom import compare, parts
from showroom.again import again
from showroom.forms import DifferingForm, RowsForm
from showroom.models import Batch
from showroom.start import start
from showroom.tests.conftest import as_csv, every, simulate, stored

pytestmark = pytest.mark.django_db

WHOLE = {"before": None, "after": None}


@pytest.fixture
def other(champion) -> Version:
    """A version that is not the champion."""
    return Version.objects.exclude(pk=champion.pk).get()


@pytest.fixture
def pair(batch, other, researcher):
    """Batches of one upload by two versions whose verdicts differ here and there."""

    def make(rows: int = 40) -> tuple[Batch, Batch]:
        first = batch(rows, name=[f"J{place:04}" for place in range(rows)])
        second = again(first, other, by=researcher)
        # The shipped versions agree on what is simulated so plainly.
        change(second, "predicted = (predicted + (row % 4 = 0)::tinyint) % 2")
        change(second, "probability = abs(probability - row / 100)")
        return first, second

    return make


def change(batch, what):
    """Write a batch's only part anew, with another value or without some rows."""
    part = batch.folder / batch.chunks.get().part
    column, _, value = what.partition(" = ")
    where = what.removeprefix("only ") if what.startswith("only ") else "true"
    replaced = "" if where != "true" else f"replace (({value}) as {column})"
    with parquet.connection(parts.temporary()) as connection:
        connection.execute(
            f"create table changed as select * {replaced} "  # ours only
            f"from {parquet.scan([part])} where {where}"
        )
        kinds = "probability::float as probability, predicted::tinyint as predicted"
        connection.execute(
            f"copy (select * replace ({kinds}) from changed order by row) "
            f"to {parquet.quoted(str(part))} (format parquet)"
        )


def scored(batch):
    form = RowsForm({"sort": "row"})
    assert form.is_valid()
    return {row["row"]: row for row in every(batch, form.cleaned_data)}


def expected(first, second):
    """Differing rows, and the summary, counted out in another way."""
    one, two = scored(first), scored(second)
    common = sorted(one.keys() & two.keys())
    distance = {
        row: abs(one[row]["probability"] - two[row]["probability"]) for row in common
    }
    verdicts = {row: (one[row]["predicted"], two[row]["predicted"]) for row in common}
    differing = [row for row in common if verdicts[row][0] != verdicts[row][1]]
    differing.sort(key=lambda row: -distance[row])
    counted = [
        sum(both == wanted for both in verdicts.values())
        for wanted in ((1, 1), (0, 0), (1, 0), (0, 1))
    ]
    rows = [
        (
            row,
            one[row]["name"],
            one[row]["probability"],
            two[row]["probability"],
            distance[row],
        )
        for row in differing
    ]
    gaps = len(two.keys() - one.keys()), len(one.keys() - two.keys())
    return rows, (*counted, *gaps), distance.values()


def walk(first, second, direction, key=None, size=3):
    """Follow the links of one direction to their end."""
    step = {"next": "after", "previous": "before"}[direction]
    while True:
        form = DifferingForm({step: key} if key else {})
        assert form.is_valid()
        page = compare.page(first, second, form.cleaned_data, size)
        yield page
        key = getattr(page, direction)
        if not key:
            return


def is_as_counted(first, second):
    rows, counted, distances = expected(first, second)
    found = compare.summary(first, second)
    assert found[:6] == counted
    assert found.n == len(distances)
    assert found.n_differing == len(rows)
    assert found.most == max(distances)
    assert found.median == pytest.approx(statistics.median_low(distances), abs=6e-5)
    assert [tuple(row) for row in compare.page(first, second, WHOLE, 500).rows] == rows
    return rows


def test_both_verdicts_are_counted_and_the_differing_rows_listed(pair):
    assert len(is_as_counted(*pair())) == 10


def test_without_a_difference_it_says_so(ana, batch, champion, researcher):
    first = batch(10)
    second = again(first, champion, by=researcher)
    assert compare.summary(first, second) == (1, 9, 0, 0, 0, 0, 0.0, 0.0)
    assert compare.page(first, second, WHOLE, 5) == ([], "", "")

    address = reverse("showroom:batch-against", args=[first.pk, second.pk])
    assert "Both say the same of every row." in ana.get(address).content.decode()


@pytest.mark.parametrize("which", [0, 1])
def test_rows_that_one_batch_lacks_are_told_and_not_compared(ana, pair, which):
    both = pair()
    change(both[which], "only row not in (4, 5, 12)")

    rows = is_as_counted(*both)
    assert len(rows) == 8
    found = compare.summary(*both)
    assert found[4 + which] == 3
    page = ana.get(against(*both)).content.decode()
    assert "3 rows of the other batch are not in" in page
    assert f'{both[which].get_absolute_url()}">batch {both[which].pk}</a>, and' in page


def test_equal_counts_of_other_rows_are_not_taken_for_the_same(pair):
    first, second = pair()
    change(first, "only row <> 1")
    change(second, "only row <> 40")

    is_as_counted(first, second)
    assert compare.summary(first, second)[4:6] == (1, 1)


def test_a_batch_without_a_single_part_can_be_compared(ana, pair):
    first, second = pair()
    second.chunks.all().delete()

    assert compare.summary(first, second) == (0, 0, 0, 0, 0, 40, None, None)
    assert compare.page(first, second, WHOLE, 5) == ([], "", "")
    second.folder.rename(second.folder.with_name("away"))
    assert compare.summary(second, first) == (0, 0, 0, 0, 40, 0, None, None)
    assert ana.get(against(first, second)).status_code == 200


def test_pages_joined_are_the_whole_in_both_directions(pair):
    first, second = pair()
    # Equal differences are in order by their rows.
    for found in (first, second):
        change(found, f"probability = {found.pk / 100} * (row % 3 = 0)::int")
    rows = is_as_counted(first, second)
    pages = list(walk(first, second, "next"))

    assert [len(page.rows) for page in pages] == [3, 3, 3, 1]
    assert [tuple(row) for page in pages for row in page.rows] == rows
    assert pages[0].previous == pages[-1].next == ""
    back = list(walk(first, second, "previous", pages[-1].previous))
    there = [tuple(row) for page in reversed(back) for row in page.rows]
    assert there == rows[:9]
    assert back[-1].previous == ""


def against(first, second):
    return reverse("showroom:batch-against", args=[first.pk, second.pk])


def test_the_page_shows_counts_and_links_both_rows(ana, pair):
    first, second = pair()
    rows, counted, _ = expected(first, second)
    answer = ana.get(against(first, second))

    page = answer.content.decode()
    assert tuple(answer.context["summary"])[:6] == counted
    assert [tuple(row) for row in answer.context["page"].rows] == rows
    for found in (first, second):
        assert reverse("showroom:row", args=[found.pk, rows[0][0]]) in page
        assert found.version.get_absolute_url() in page
    part = ana.get(against(first, second), headers={"HX-Request": "true"})
    assert part.content.decode().strip().startswith('<div id="differing"')
    assert part.content.decode().strip() in page


@pytest.mark.parametrize(("only", "verdict"), [("first", 1), ("second", 0)])
def test_the_rows_that_one_batch_alone_calls_pulsars_can_be_seen(
    ana, pair, settings, only, verdict
):
    first, second = pair()
    showroom = settings.PULSAR.showroom.model_copy(update={"page_rows": 1})
    settings.PULSAR = settings.PULSAR.model_copy(update={"showroom": showroom})
    one = scored(first)
    rows, _, _ = expected(first, second)
    there = [row for row, *_ in rows if one[row]["predicted"] == verdict]
    whole = ana.get(against(first, second)).content.decode()
    assert f'<a href="?only={only}#differing">{len(there)}</a>' in whole

    found, query = [], {"only": only}
    while query:
        answer = ana.get(against(first, second), query)
        page = answer.context["page"]
        found += [row.row for row in page.rows]
        assert "Take this filter away" in answer.content.decode()
        if page.next:
            assert f"?only={only}&amp;after=" in answer.content.decode()
        query = {"only": only, "after": page.next} if page.next else None
    assert found == there


def test_the_differing_rows_come_as_a_file(ana, pair):
    first, second = pair()
    address = reverse("showroom:batch-differing", args=[first.pk, second.pk])
    answer = ana.get(address)
    text = b"".join(answer.streaming_content).decode()
    header, *lines = csv.reader(io.StringIO(text, newline=""))

    assert answer["Content-Disposition"] == (
        f'attachment; filename="batch-{first.pk}-against-{second.pk}.csv"'
    )
    assert header == [
        "row",
        "name",
        f"probability_batch_{first.pk}",
        f"probability_batch_{second.pk}",
        "difference",
    ]
    found = [(int(line[0]), line[1], *map(float, line[2:])) for line in lines]
    rows, _, _ = expected(first, second)
    assert [(row[0], row[1], row[4]) for row in found] == [
        (row[0], row[1], row[4]) for row in rows
    ]
    for line, row in zip(found, rows, strict=True):
        assert line[2:4] == pytest.approx(row[2:4], rel=1e-6)
    assert address in ana.get(against(first, second)).content.decode()


def test_a_batch_that_has_not_ended_says_so(ana, pair):
    first, second = pair()
    for state, words, is_compared in (
        (State.QUEUED, "is still being classified", False),
        (State.RUNNING, "is still being classified", False),
        (State.CANCELLED, "did not come to its end; what it has is compared", True),
    ):
        Batch.objects.filter(pk=second.pk).update(state=state)
        answer = ana.get(against(first, second))
        assert words in answer.content.decode()
        assert ("summary" in answer.context) == is_compared


def test_batches_of_other_files_or_none_are_not_compared(
    ana, batch, champion, researcher
):
    first = batch(5)
    files = [stored("moon.csv", as_csv(simulate(6)))]
    second = start(files, owner=researcher)
    for address in (against(first, second), against(first, first)):
        assert ana.get(address).status_code == 404
    Batch.objects.update(input_sha256="")
    assert ana.get(against(first, second)).status_code == 404


def test_a_key_that_was_tampered_with_is_refused(ana, pair):
    address = against(*pair(5))
    for key in ("x", "[1e999,1]", "[0.1,0.5]", "[true,1]", "[0.1,true]"):
        assert ana.get(address, {"after": key}).status_code == 400
    assert ana.get(address, {"only": "both"}).status_code == 400


def test_the_keys_of_a_table_s_orders_are_none_of_this_page(ana, pair):
    address = against(*pair(5))
    for query in (
        {"sort": "name", "after": '["abc",1]'},
        {"sort": "-warnings", "before": '["x",3]'},
        {"sort": "name", "after": "[null,1]"},
    ):
        assert ana.get(address, query).status_code == 400


@pytest.mark.parametrize("way", [1, -1])
@pytest.mark.parametrize("damage", [None, b"PAR1", "within", "at its end"])
def test_a_part_that_is_missing_or_damaged_is_said_in_words(ana, pair, way, damage):
    first, second = pair()
    part = second.folder / second.chunks.get().part
    content = part.read_bytes()
    if damage is None:
        part.unlink()
    elif damage == "within":
        part.write_bytes(b"\xff" * 2000 + content[2000:])
    elif damage == "at its end":
        part.write_bytes(content[:-40] + b"\xff" * 32 + content[-8:])
    else:
        part.write_bytes(damage)
    numbers = [batch.pk for batch in (first, second)[::way]]

    words = f"{part.name} is missing among" if damage is None else "is damaged"
    for name in ("batch-against", "batch-differing"):
        answer = ana.get(reverse(f"showroom:{name}", args=numbers))
        assert answer.status_code == 503, name
        assert words in answer.content.decode()
        assert str(second) in answer.content.decode()


@pytest.mark.parametrize("which", [0, 1])
def test_both_must_be_visible(client, pair, researcher, person, which):
    both = pair(5)
    Batch.objects.filter(pk=both[which].pk).update(private=True)
    seen = {}
    for who in (researcher, *map(person, ("admin", "operator", "researcher"))):
        client.force_login(who)
        seen[who.username] = [
            client.get(reverse(f"showroom:{name}", args=[batch.pk for batch in both]))
            for name in ("batch-against", "batch-differing")
        ]

    assert {who: [a.status_code for a in answers] for who, answers in seen.items()} == {
        "ana": [200, 200],
        "admin": [200, 200],
        "operator": [404, 404],
        "researcher": [404, 404],
    }
