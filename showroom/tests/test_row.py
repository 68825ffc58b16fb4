"""A row's page: why its score, how it compares, whence it comes, what is beside it."""

from datetime import timedelta
from urllib.parse import urlencode

import numpy as np
import pytest
from django.urls import resolve, reverse
from django.utils.timezone import now

from pulsar_ml.explain import log_odds
from pulsar_ml.features import FEATURES
from registry import serving
from showroom import catalogue, rows
from showroom.case import classify_case
from showroom.forms import RowsForm
from showroom.seal import seal
from showroom.start import start
from showroom.tests.conftest import as_csv, every, simulate, stored

pytestmark = pytest.mark.django_db

KNOWN = b"""#CATALOGUE 9.9
PSRJ J0332+5434
PSRB B0329+54
RAJ 03:32:59.4
DECJ +54:34:43
P0 0.714519699
DM 26.7641
S1400 203
@---
"""


def page_of(client, batch, row, **query):
    return client.get(reverse("showroom:row", args=[batch.pk, row]), query)


def follow(client, batch, row, way, **query):
    """A click on Previous or Next."""
    address = reverse(f"showroom:row-{way}", args=[batch.pk, row])
    return client.get(address, query, follow=True)


def test_the_page_shows_the_score_its_reasons_and_both_classes(ana, batch, champion):
    found = batch(20)
    answer = page_of(ana, found, 10)
    page = answer.content.decode()

    score = rows.one(found, 10)["probability"]
    assert f"<dd>{score:.4f}</dd>" in page
    assert f"<dd>{champion.card['threshold']:.4f}</dd>" in page
    assert "a pulsar</dd>" in page
    explanation = answer.context["explanation"]
    assert explanation.log_odds == pytest.approx(log_odds(np.array(score)), abs=1e-5)
    contributions = [bar.reason.contribution for bar in explanation.bars]
    assert len(contributions) == 8
    assert contributions == sorted(contributions, key=abs, reverse=True)
    for bar in explanation.bars:
        assert (bar.x < 100) == (bar.reason.contribution < 0)
        assert 0 <= bar.x <= bar.x + bar.width <= 200
        words = bar.reason.words
        assert (words[0].upper() + words[1:]).replace("'", "&#x27;") in page
    assert page.count('<path class="pulsars"') == 8
    assert answer["Content-Security-Policy"].count("unsafe-inline") == 0
    assert ' style="' not in page


def test_a_strip_marks_what_lies_beyond_the_training_rows(ana, champion, researcher):
    scorer = serving.serve(champion).scorer
    values = simulate(3)
    _, greatest = scorer.reference["ranges"]["prof_mean"]
    low, high = scorer.reference["box"]["prof_mean"]
    values[:, 0] = [2 * greatest, high + 0.01, (low + high) / 2]
    content = as_csv(values)
    found = start([stored("sky.csv", content)], owner=researcher)

    marks = [
        page_of(ana, found, row).context["strips"][0]._asdict() for row in (1, 2, 3)
    ]
    assert [(m["mark"], m["beyond"], m["x"]) for m in marks] == [
        ("extrapolation", "above", 234),
        ("unusual", "above", 234),
        ("", "", 120),
    ]
    page = page_of(ana, found, 1).content.decode()
    assert "Extrapolation: a value lies outside everything" in page
    assert "unusual: above 98 %" in page_of(ana, found, 2).content.decode()


def test_provenance_names_batch_version_dataset_and_the_file_s_hash(
    ana, batch, champion
):
    found = batch(20, beam=["7"] * 20)
    page = page_of(ana, found, 3).content.decode()

    for words in (
        found.files.get().sha256,
        "sky.csv",
        str(champion),
        champion.card["dataset"]["name"],
        "<dt>beam</dt><dd>7</dd>",
        reverse("showroom:batch", args=[found.pk]),
    ):
        assert words in page


def test_of_many_files_the_row_s_own_is_named_where_the_ledger_knows_it(
    ana, champion, researcher
):
    files = [stored(f"{n}.csv", as_csv(simulate(3, seed=n))) for n in range(2)]
    found = start(files, owner=researcher)

    assert "one of the 2 of the batch" in page_of(ana, found, 1).content.decode()


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"sort": "-name"},
        {"sort": "prof_mean", "predicted": "0"},
        {"text": "a", "low": "0.001"},
    ],
)
def test_the_rows_beside_it_are_those_of_the_table_it_comes_from(ana, batch, query):
    found = batch(12, name=["a", "B", "ab"] * 4)
    form = RowsForm(query)
    assert form.is_valid()
    order = [row["row"] for row in every(found, form.cleaned_data)]

    def led(way, row):
        address = reverse(f"showroom:row-{way}", args=[found.pk, row])
        answer = ana.get(f"{address}?{urlencode(query)}")
        there, _, asked = answer.url.partition("?")
        assert asked == urlencode(query)
        return resolve(there).kwargs["row"]

    assert [led("next", row) for row in order] == [*order[1:], order[-1]]
    assert [led("previous", row) for row in order] == [order[0], *order[:-1]]


def test_at_either_end_one_stays_and_is_told_so(ana, batch):
    found = batch(3)
    for way, row, end in (("previous", 1, "first"), ("next", 3, "last")):
        answer = follow(ana, found, row, way, sort="row")

        assert answer.context["row"]["row"] == row
        assert f"This is the {end} row of these." in answer.content.decode()
        again = page_of(ana, found, row, sort="row").content.decode()
        assert "row of these" not in again
    answer = follow(ana, found, 2, "next", sort="row")
    assert answer.context["row"]["row"] == 3
    assert "row of these" not in answer.content.decode()


def test_a_page_leads_to_the_rows_beside_it_with_all_that_was_asked_but_a_mask(
    ana, batch
):
    found = batch(3)
    page = page_of(ana, found, 2, text="a b", sort="row", mask="1").content.decode()

    address = reverse("showroom:row", args=[found.pk, 2])
    query = "?text=a+b&amp;sort=row"
    assert f'<a rel="prev" href="{address}previous/{query}" data-key="A">' in page
    assert f'<a rel="next" href="{address}next/{query}" data-key="D">' in page


def test_a_page_opens_no_other_part_than_the_row_s(ana, batch):
    found = batch(3)
    chunk = found.chunks.get()
    found.chunks.create(
        number=1,
        first_row=4,
        n_rows=1,
        n_scored=1,
        n_pulsars=0,
        histogram=[],
        part="not-there",
    )

    assert page_of(ana, found, chunk.first_row).status_code == 200
    assert follow(ana, found, chunk.first_row, "next").status_code == 503


def test_the_table_leads_to_each_row_in_its_own_order(ana, batch):
    found = batch(60)
    page = ana.get(found.get_absolute_url(), {"sort": "row"}).content.decode()

    address = reverse("showroom:row", args=[found.pk, 50])
    assert f'<a href="{address}?sort=row">50</a>' in page


def test_an_address_with_a_senseless_order_shows_the_row_all_the_same(ana, batch):
    found = batch(3)
    answer = page_of(ana, found, 1, sort="nonsense")

    assert answer.status_code == 200
    row = follow(ana, found, 1, "next", sort="nonsense").context["row"]["row"]
    assert row == follow(ana, found, 1, "next").context["row"]["row"]


@pytest.mark.parametrize("row", [0, 21, 2**63, 10**40])
def test_a_row_that_is_not_there_is_404(ana, batch, row):
    found = batch(20)
    assert page_of(ana, found, row).status_code == 404
    assert follow(ana, found, row, "next").status_code == 404
    reject = reverse("showroom:reject", args=[found.pk, row])
    assert ana.get(reject).status_code == 404


def test_a_reject_has_a_page_of_its_own_and_its_row_s_address_leads_there(
    ana, champion, researcher
):
    lines = as_csv(simulate(3)).decode().splitlines()
    lines[2] = "high" + lines[2][lines[2].index(",") :]
    found = start([stored("sky.csv", "\n".join(lines).encode())], owner=researcher)
    address = reverse("showroom:reject", args=[found.pk, 2])

    assert page_of(ana, found, 2).url == address
    assert address in ana.get(found.get_absolute_url()).content.decode()
    page = ana.get(address).content.decode()
    for words in ("Is not a number.", "sky.csv", "<dd>3</dd>", "prof_mean", "high"):
        assert words in page


def test_a_prediction_keeps_its_page_when_it_is_sealed(ana, champion, researcher):
    values = dict(zip(FEATURES, map(float, simulate(10)[9]), strict=True))
    case = classify_case(values, by=researcher, name="mine")
    answer = ana.post(reverse("showroom:case"), values)
    assert reverse("showroom:row", args=[case.batch_id, 2]) in answer.content.decode()

    before = page_of(ana, case.batch, 1)
    assert "<dt>Asked by</dt><dd>ana," in before.content.decode()
    assert seal(now() + timedelta(hours=2)) == 2
    after = page_of(ana, case.batch, 1)
    assert after.context["row"] == before.context["row"]
    assert after.context["explanation"] == before.context["explanation"]


def test_a_version_that_is_damaged_leaves_the_rest_of_the_page(ana, batch, champion):
    found = batch(3)
    (champion.folder / "model.onnx").write_bytes(b"")
    serving._scorer.cache_clear()
    page = page_of(ana, found, 1).content.decode()

    assert "There are no reasons to show" in page
    assert "sky.csv" in page


def test_known_pulsars_are_shown_with_why(ana, batch):
    found = batch(
        2,
        period_s=["0.357259268", "0.5"],
        dm=["26.804", "10"],
        ra_deg=["59.725", "59.725"],
        dec_deg=["54.2206", "54.2206"],
    )
    assert "manage.py catalogue_import" in page_of(ana, found, 1).content.decode()

    catalogue.bring_in(KNOWN, source="here")
    page = page_of(ana, found, 1).content.decode()
    for words in (
        "<strong>J0332+5434</strong> / B0329+54",
        "NB_PSR",
        "3.786°",
        "0.499999 ≈ 1/2",
        "0.04 pc cm⁻³",
        "psrcat 9.9",
        "bright enough for a side lobe.",
    ):
        assert words in page
    assert "None fits in position" in page_of(ana, found, 2).content.decode()


def test_a_row_without_a_position_says_what_is_missing(ana, batch):
    catalogue.bring_in(KNOWN, source="here")
    found = batch(1, period_s=["0.3"], ra_deg=["nan"], dec_deg=["1e999"])

    page = page_of(ana, found, 1).content.decode()
    assert "gives no period or no position" in page


def test_a_table_s_row_has_no_plots(ana, batch):
    found = batch(2, kind=["phcx", "phcx"], source=["sky.csv", "other.phcx"])

    for row in (1, 2):
        for name in ("row-picture", "row-figures"):
            address = reverse(f"showroom:{name}", args=[found.pk, row, "light"])
            assert ana.get(address).status_code == 404
        assert "plots-title" not in page_of(ana, found, row).content.decode()
