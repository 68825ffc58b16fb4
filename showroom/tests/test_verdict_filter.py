"""Rows by what is said of them: the table, its column, and files."""

import csv

import pytest
from django.urls import reverse

from monitor.work import State
from showroom import rows
from showroom.downloads.prepare import prepare
from showroom.forms import RowsForm
from showroom.models import Download
from showroom.rows import counting
from showroom.tests.conftest import every
from showroom.tests.said import say

pytestmark = pytest.mark.django_db


@pytest.fixture
def ben(person):
    return person("researcher", "ben")


@pytest.fixture
def forty(batch, researcher, ben):
    """Of forty rows Ana has judged 3, 5 and 8, and Ben 5, 7 and 9."""
    made = batch(40)
    for row, word in ((3, "RFI"), (5, "T1_CAND"), (8, "NOISE")):
        say(made, row, word, researcher)
    for row, word in ((5, "T1_CAND"), (7, "RFI"), (9, "RFI")):
        say(made, row, word, ben)
    say(made, 9, "", ben)
    return made


def asked(batch, user, **query) -> dict:
    form = RowsForm(query, batch=batch, user=user)
    assert form.is_valid(), form.errors
    return form.cleaned_data


def found(batch, user, **query) -> list[int]:
    """The numbers of the rows, by every way to read them."""
    wanted = asked(batch, user, **query)
    page = rows.page(batch, wanted, 50)
    numbers = sorted(row["row"] for row in page.rows)
    assert sorted(row["row"] for row in every(batch, wanted)) == numbers
    assert page.total == len(numbers) == sum(rows.counts(batch, wanted))
    return numbers


def test_rows_are_found_by_word_and_by_who_said_it(forty, researcher, ben):
    rest = sorted({*range(1, 41)} - {3, 5, 7, 8})
    for query, numbers in (
        ({"verdict": "given"}, [3, 5, 7, 8]),
        ({"verdict": "none"}, rest),
        ({"verdict": "given", "judge": "me"}, [3, 5, 8]),
        ({"judge": "me"}, [3, 5, 8]),
        ({"verdict": "none", "judge": "me"}, sorted([*rest, 7])),
        ({"verdict": "RFI"}, [3, 7]),
        ({"verdict": "RFI", "judge": "me"}, [3]),
        ({"verdict": "RFI", "judge": str(ben.pk)}, [7]),
        ({"verdict": "T2_CAND"}, []),
        ({"verdict": "given", "judge": "999"}, []),
    ):
        assert found(forty, researcher, **query) == numbers, query
    assert found(forty, ben, judge="me") == [5, 7]


def test_what_is_said_a_moment_later_is_found_at_once(forty, researcher, monkeypatch):
    assert found(forty, researcher, verdict="RFI") == [3, 7]
    say(forty, 40, "RFI", researcher)
    assert found(forty, researcher, verdict="RFI") == [3, 7, 40]
    # Of many numbers but few copies are kept.
    monkeypatch.setattr(counting, "_LONG", 1)
    counting._counted_once.cache_clear()
    assert found(forty, researcher, verdict="RFI") == [3, 7, 40]
    assert counting._counted_once.cache_info().currsize == 0


def test_the_filter_is_in_the_address_of_the_page_and_of_the_row_beside(ana, forty):
    page = ana.get(forty.get_absolute_url(), {"judge": "me", "sort": "row"})
    assert [chip.words for chip in page.context["chips"]] == ["judged by me"]
    query = {"judge": "me", "sort": "row"}
    beside = ana.get(reverse("showroom:row-next", args=[forty.pk, 5]), query)
    assert beside.url.startswith(reverse("showroom:row", args=[forty.pk, 8]))
    space = ana.get(reverse("showroom:batch-space", args=[forty.pk]), {"judge": "me"})
    assert space.context["scene"].plane.n == 3
    for wrong in (
        {"verdicts": "0"},
        {"judge": "ana"},
        {"judge": "1" * 19},
        {"verdict": "UNCAT"},
    ):
        assert ana.get(forty.get_absolute_url(), wrong).status_code == 400


def test_the_column_has_ones_own_word_and_how_many_others_judged(ana, forty):
    page = ana.get(forty.get_absolute_url(), {"sort": "row"})
    shown = {
        cells[0].text: cells[4].text for cells in page.context["cells"] if cells[4].text
    }
    assert shown == {"3": "RFI", "5": "T1_CAND, 1 other", "7": "1 other", "8": "NOISE"}
    forty.blind = True
    forty.save(update_fields=["blind"])
    page = ana.get(forty.get_absolute_url(), {"sort": "row"})
    shown = [cells[4].text for cells in page.context["cells"] if cells[4].text]
    assert shown == ["RFI", "T1_CAND, 1 other", "NOISE"]


def as_file(answer) -> dict[str, list[str]]:
    text = b"".join(answer.streaming_content).decode()
    header, *lines = csv.reader(text.splitlines())
    return dict(zip(header, map(list, zip(*lines, strict=True)), strict=True))


def test_a_file_has_verdicts_if_that_is_asked_for(ana, forty, researcher):
    say(forty, 7, "NOISE", researcher)
    address = reverse("showroom:batch-download", args=[forty.pk, "csv"])
    query = {"verdict": "given", "sort": "row"}
    assert "verdict" not in as_file(ana.get(address, query))
    told = as_file(ana.get(address, query | {"verdicts": "on"}))
    assert told["row"] == ["3", "5", "7", "8"]
    assert told["verdict"] == ["RFI", "T1_CAND", "NOISE", "NOISE"]
    assert told["verdict_agreed"] == ["RFI", "T1_CAND", "", "NOISE"]


def test_a_prepared_file_of_verdicts_is_for_who_asked_alone(
    ana, client, forty, ben, reconfigured
):
    reconfigured("showroom", download_rows=1)
    address = reverse("showroom:batch-download", args=[forty.pk, "csv"])
    mine = ana.get(address, {"judge": "me", "verdicts": "on"}).url
    prepare(Download.objects.get())
    assert Download.objects.get().state == State.SUCCESS
    assert sorted(as_file(ana.get(f"{mine}file"))["row"]) == ["3", "5", "8"]
    # Never the same file again: it may say something else by now.
    assert ana.get(address, {"judge": "me", "verdicts": "on"}).url != mine
    assert len(ana.get(forty.get_absolute_url()).context["prepared"]) == 2
    client.force_login(ben)
    assert client.get(mine).status_code == 404
    assert client.get(f"{mine}file").status_code == 404
    assert client.get(forty.get_absolute_url()).context["prepared"] == []
    his = client.get(address, {"judge": "me"}).url
    prepare(Download.objects.latest("pk"))
    assert sorted(as_file(client.get(f"{his}file"))["row"]) == ["5", "7"]
