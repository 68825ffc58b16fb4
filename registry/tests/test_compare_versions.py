"""/registry/compare/ and a comparison's own page: two versions before the button."""

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from monitor.work import State
from pulsar_ml.tests import simulated
from registry.card.numbers import change
from registry.gate.forms import proposed
from registry.gate.shown import shown
from registry.gate.side_by_side import side_by_side
from registry.gate.work import work
from registry.models import Alias, Comparison, Dataset, Label, Version
from registry.ship import register_shipped
from registry.tests import made
from registry.tests.evaluated import EVALUATION, evaluated
from registry.tests.labels import said, text
from registry.tests.versions import FOREST, version

pytestmark = pytest.mark.django_db

URL = "/registry/compare/"
PAIR = {"a": "pulsar/1", "b": "pulsar/2"}
TABLE = simulated.observed(600)


@pytest.fixture
def pair() -> tuple[Version, Version]:
    """The two that are shipped."""
    first, second = register_shipped()
    return first, second


@pytest.fixture
def dataset() -> Dataset:
    return made.dataset(TABLE)


@pytest.fixture
def admin(client, person):
    user = person("admin")
    client.force_login(user)
    return user


def judged(client, reconfigured) -> Comparison:
    """Asked for on the page, and worked on."""
    reconfigured("gate", resamples=100)
    answer = client.post(URL, PAIR)
    found = Comparison.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, found.get_absolute_url())
    work(found)
    found.refresh_from_db()
    return found


def test_parameters_and_figures_stand_side_by_side_and_what_differs_is_marked(
    client, admin, pair
):
    beside = side_by_side(pair, "holdout")
    assert {row.label: [cell.text for cell in row.cells] for row in beside.made_of} == {
        "Algorithm": ["random forest", "logistic regression"],
        "Where it comes from": ["shipped", "shipped"],
        "Dataset": ["HTRU_2.csv", "HTRU_2.csv"],
        "Rows trained on": ["14\u202f440", "14\u202f440"],
        "Pulsars among them": ["1\u202f273", "1\u202f273"],
        "Split": ["grouped by pointing", "grouped by pointing"],
        "Seed": ["0", "0"],
        "Calibration": ["sigmoid on out-of-fold scores"] * 2,
        "Made": ["2026-11-22", "2026-11-22"],
    }
    assert {
        row.label: [cell.text for cell in row.cells] for row in beside.parameters
    } == {
        "n_estimators": ["150", "–"],
        "min_samples_leaf": ["5", "–"],
        "max_features": ["4", "–"],
        "C": ["–", "0.3"],
    }
    for line in beside.figures:
        ours, theirs = line.cells
        key = line.figure.key.rpartition(".")[2]
        kept = [one.card["metrics"]["holdout"][key]["value"] for one in pair]
        assert [ours.value, theirs.value] == kept
        assert ours.change == pytest.approx(kept[0] - kept[1])
        assert theirs.change is None
        within = pair[0].card["metrics"]["holdout"][key]
        if within.get("low") is not None:
            assert ours.is_within == (within["low"] <= kept[1] <= within["high"])
        if key == "fpr":  # the less the better
            assert ours.is_best == (kept[0] < kept[1])
    assert [line.figure.label for line in beside.figures][:2] == ["Recall", "Precision"]
    whole = text(client.get(URL, PAIR))
    assert '<th scope="row">Dataset</th>' in whole
    assert '<tr class="differs"> <th scope="row">Algorithm<span' in whole
    short = text(client.get(URL, {**PAIR, "only": "on"}))
    assert '<th scope="row">Dataset</th>' not in short
    assert '<tr class="differs"> <th scope="row">Algorithm<span' in short
    assert "on the grouped by pointing" in text(
        client.get(URL, {**PAIR, "split": "grouped"})
    )


def test_curves_lie_one_over_the_other_and_slices_side_by_side(client, admin, tmp_path):
    other = {**EVALUATION, "slices": EVALUATION["slices"][1:]}
    one = evaluated(tmp_path / "1")
    two = evaluated(tmp_path / "2", other, seed=1)
    answer = client.get(URL, {"a": str(one), "b": str(two)})
    assert [len(drawing.drawn) for _, drawing, _ in answer.context["plots"]] == [2] * 3
    assert 'class="line line-2"' in text(answer)
    assert "'unsafe-inline'" in answer["Content-Security-Policy"]
    parts = answer.context["compared"].slices
    assert [(part.column, part.label, part.change) for part in parts] == [
        ("beam", "6", None),
        ("beam", "2", 0),
    ]
    assert [side and side.recall["value"] for side in parts[0].sides] == [0.6, None]


def test_the_pair_that_matters_is_proposed(client, admin, pair, tmp_path):
    assert proposed() == PAIR
    newer = version(tmp_path, FOREST)
    assert proposed() == {"a": "pulsar/3", "b": "pulsar/2"}
    Alias.objects.create(model=newer.model, name="challenger", version=pair[0])
    assert proposed() == PAIR
    page = text(client.get(URL))
    assert '<option value="pulsar/1" selected>pulsar/1 · Staging</option>' in page
    assert '<option value="pulsar/2" selected>pulsar/2 · Production</option>' in page
    swapped = text(client.get(URL, PAIR))
    assert 'href="?a=pulsar/2&amp;b=pulsar/1">Swap them</a>' in swapped.replace(
        "%2F", "/"
    )


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"a": "pulsar/9", "b": "pulsar/2"}, "pulsar/9 is no version, or is quaran"),
        ({"a": "pulsar/1", "b": "pulsar/1"}, "Choose another version than the first."),
        ({"a": "x", "b": "pulsar/" + "9" * 30}, "is no version, or is quarantined"),
    ],
)
def test_what_cannot_be_compared_is_said_and_nothing_is_asked(
    client, admin, pair, asked, words
):
    for answer in (client.get(URL, asked), client.post(URL, asked)):
        assert answer.status_code == 422
        assert words in text(answer)
    assert not Comparison.objects.exists()


def test_a_quarantined_version_is_not_offered(client, admin, pair):
    Version.objects.filter(pk=pair[0].pk).update(
        registration=Version.Registration.QUARANTINED
    )
    page = client.get(URL)
    assert page.status_code == 200
    assert "There is nothing to compare." in text(page)
    assert client.get(URL, PAIR).status_code == 422
    assert client.post(URL, PAIR).status_code == 422


def test_an_older_version_is_reached_by_its_address(client, admin, pair, monkeypatch):
    monkeypatch.setattr("registry.gate.forms._NEWEST", 0)
    page = text(client.get(URL))
    assert "There is nothing to compare." in page
    assert client.get(URL, PAIR).context["pair"] == pair


def test_a_researcher_sees_all_but_cannot_ask(client, person, pair):
    client.force_login(person("researcher"))
    page = text(client.get(URL, PAIR))
    assert "Nobody has held pulsar/1 against pulsar/2 yet." in page
    assert "Hold them against each other" not in page
    assert client.post(URL, PAIR).status_code == 403
    asked = Comparison.objects.create(
        candidate=pair[0], champion=pair[1], inputs_sha256="0" * 64
    )
    page = client.get(asked.get_absolute_url())
    assert "Cancel" not in text(page)
    assert client.post(f"{asked.get_absolute_url()}cancel/").status_code == 403


def test_asked_followed_and_read(client, admin, pair, dataset, reconfigured):
    assert "Hold them against each other" in text(client.get(URL, PAIR))
    asked = client.post(URL, PAIR)
    found = Comparison.objects.get()
    assert asked["Location"] == f"/registry/comparisons/{found.pk}/"
    whole = client.get(found.get_absolute_url())
    part = client.get(found.get_absolute_url(), headers={"HX-Request": "true"})
    assert 'hx-trigger="every 1s"' in text(whole)
    assert text(part).startswith('<section id="progress"')
    # But for its token, which is another each time.
    assert text(part).partition("<form")[0] in text(whole)
    assert "HX-Refresh" not in part
    assert "is being held against" in text(client.get(URL, PAIR))
    Comparison.objects.all().delete()

    found = judged(client, reconfigured)
    done = client.get(found.get_absolute_url(), headers={"HX-Request": "true"})
    assert done["HX-Refresh"] == "true"
    page, both = (
        text(client.get(url, query))
        for url, query in ((found.get_absolute_url(), {}), (URL, PAIR))
    )
    recall = found.findings["recall"]
    for each in (page, both):
        assert "The gate: pulsar/1 against pulsar/2" in each
        assert f'<td class="number">{recall["candidate"]:.3f}</td>' in each
        for reason in found.findings["reasons"]:
            assert reason.replace("'", "&#x27;") in each
        assert "600 rows of" in each
    assert "has changed since" not in page + both
    # The same inputs are not judged again.
    assert client.post(URL, PAIR)["Location"] == found.get_absolute_url()
    reconfigured("gate", recall_margin=0.5)
    assert "It no longer opens the gate." in text(client.get(found.get_absolute_url()))
    assert "What was found then" in text(client.get(URL, PAIR))


def test_rows_on_which_they_disagree_lead_to_where_they_are_seen(
    client, admin, pair, dataset, reconfigured
):
    found = judged(client, reconfigured)
    told = found.findings["disagree"]
    first, second = told["listed"][:2]
    Label.objects.create(
        batch=7,
        row=3,
        hash=first["hash"],
        features=[0] * 8,
        verdict="RFI",
        drawn="queue",
        at=found.created_at,
    )
    gone = {"batch": 8, "row": 1, "features": [0] * 8, "drawn": "queue"}
    Label.objects.create(
        **gone, hash=second["hash"], verdict="RFI", current=None, at=found.created_at
    )
    answer = client.get(found.get_absolute_url())
    listed = answer.context["disagreed"]
    assert (listed.n, listed.looked_at, listed.unseen) == (told["count"], 600, True)
    assert [(row.batch, row.row) for row in listed.rows[:2]] == [(7, 3), (None, None)]
    assert [row.called for row in listed.rows] == [
        each["name"] for each in told["listed"]
    ]
    page = text(answer)
    link = reverse("showroom:row", args=[7, 3])
    assert f'<a href="{link}">row 3 of batch 7</a>' in page
    where = f"row {second['row']} of dataset 1"
    assert f'<a href="/registry/datasets/1/">{where}</a>' in page
    assert f"{told['count']} of 600 rows" in page.replace("\u202f", "")
    assert page.count("of dataset 1</a></td>") == len(told["listed"]) - 1


def test_a_failure_is_told_and_can_be_tried_again(client, admin, pair, dataset):
    (dataset.folder / "rows.parquet").unlink()
    client.post(URL, PAIR)
    found = Comparison.objects.get()
    work(found)
    reason = "The rows of dataset 1 are not where they were stored."
    page = text(client.get(found.get_absolute_url()))
    assert reason in page
    assert "Try it again" in page
    assert f"The last try came to nothing: {reason}" in text(client.get(URL, PAIR))


def test_it_is_cancelled_by_its_button(client, admin, pair, dataset):
    client.post(URL, PAIR)
    found = Comparison.objects.get()
    answer = client.post(f"{found.get_absolute_url()}cancel/")
    assert answer["Location"] == found.get_absolute_url()
    found.refresh_from_db()
    assert found.state == State.CANCELLED
    assert "Cancelled on request." in text(client.get(found.get_absolute_url()))
    assert client.get("/registry/comparisons/99/").status_code == 404
    assert client.get(f"/registry/comparisons/{10**30}/").status_code == 404


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.RUNNING, "It is being judged."),
        (State.FAILED, "The rows are gone."),
        (State.CANCELLED, "It was not judged."),
    ],
)
def test_what_has_not_been_judged_has_no_figures_to_show(pair, state, words):
    asked = Comparison.objects.create(
        candidate=pair[0],
        champion=pair[1],
        state=state,
        reason="The rows are gone." if state == State.FAILED else "",
    )
    context = {"comparison": asked, "gate": shown(asked)}
    page = " ".join(render_to_string("registry/_gate.html", context).split())
    assert f'<span class="badge {state}">' in page
    assert words in page
    assert "<table" not in page


def test_many_slices_and_names_do_not_fill_the_page(pair):
    part = {"column": "beam", "label": "1", "counts": True, "lost": False}
    few = {**part, "counts": False}
    asked = Comparison(
        outcome="refused",
        findings={
            "slices": [part] * 14 + [few] * 2,
            "sentinels": {"lost": [{"name": "J1"}] * 23, "won": ["J2"]},
        },
    )
    laid_out = shown(asked)
    parts = (laid_out.slices, laid_out.other_slices, laid_out.few)
    assert [len(each) for each in parts] == [12, 2, 2]
    assert (len(laid_out.lost.first), laid_out.lost.more) == (20, 3)
    assert laid_out.won == (["J2"], 0)
    assert laid_out.badge == "failed"


@pytest.mark.parametrize(
    ("difference", "words"),
    [(0.0123, "+0.012"), (-0.0471, "\u22120.047"), (0, "0.000"), (-0.0001, "0.000")],
)
def test_a_change_has_its_sign_unless_there_is_none(difference, words):
    assert change(difference) == words


def test_a_version_that_was_quarantined_meanwhile_is_said(
    client, admin, pair, monkeypatch
):
    offered = client.get(URL, PAIR).context["form"].versions
    monkeypatch.setattr("registry.gate.forms.offered", lambda _asked=(): offered)
    Version.objects.update(registration=Version.Registration.QUARANTINED)
    for each in offered.values():
        each.refresh_from_db()
    answer = client.post(URL, PAIR)
    assert answer["Location"] == URL
    assert said(answer) == ["pulsar/1 is quarantined and never loaded."]
