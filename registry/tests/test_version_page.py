"""The page of a version: its whole card."""

import pytest

from registry.card.missed import judged
from registry.models import Label, Sentinel
from registry.tests.evaluated import EVALUATION, MISSED, evaluated, older

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client, person):
    client.force_login(person("researcher"))
    return client


def test_an_older_version_shows_what_its_card_says_and_what_it_does_not(
    reader, tmp_path
):
    version = older(tmp_path)
    response = _page(reader, version)

    page = response.content.decode()
    assert version.sha256 in page
    assert "logistic regression" in page
    figures = response.context["card"].figures
    assert [split.label for split in figures.splits] == [
        "hold-out",
        "stratified folds",
        "grouped by pointing",
        "later year",
    ]
    recall = figures.lines[1]
    assert recall.label == "Recall"
    assert all(0.5 < figure["value"] <= 1 for figure in recall.values)
    assert "were not kept when this version was made" in page
    assert "plotly" not in page
    assert 'id="trade"' not in page


def test_an_artefact_that_changed_is_not_believed_and_the_card_is_shown(
    reader, tmp_path
):
    version = evaluated(tmp_path)
    (version.folder / "evaluation.json").write_text("{}")
    response = _page(reader, version)

    assert response.status_code == 200
    (missing,) = response.context["card"].missing
    assert "is not the file that was registered" in missing
    assert response.context["card"].evaluation is None


def test_slices_stand_the_worst_first_and_those_with_too_few_rows_say_so(
    reader, tmp_path
):
    response = _page(reader, evaluated(tmp_path))

    slices = response.context["card"].slices
    assert [part.label for part in slices.judged] == ["6", "2"]
    assert [part.label for part in slices.too_few] == ["9"]
    page = response.content.decode()
    assert page.index("0.600") < page.index("0.900 <small>")
    assert '<span class="badge">too few rows</span> 3 pulsars' in page


def test_a_slice_with_too_few_others_tells_the_recall_that_is_known(reader, tmp_path):
    part = EVALUATION["slices"][0] | {
        "fpr": None,
        "enough": False,
        "why": "3 others; 20 are needed",
    }
    version = evaluated(tmp_path, EVALUATION | {"slices": [part]})

    page = _page(reader, version).content.decode()
    section = page.split('id="slices"')[1].split("</section>")[0]
    assert "0.600 <small>0.500 to 0.700</small>" in section
    assert '<span class="badge">too few rows</span> 3 others' in section
    text = reader.get(f"{version.get_absolute_url()}card.md").content.decode()
    assert "| 0.6000 (0.500 to 0.700) | too few rows: 3 others; 20 are needed |" in text


def test_without_observation_columns_it_says_that_there_is_nothing_to_slice_by(
    reader, tmp_path
):
    version = evaluated(tmp_path, EVALUATION | {"slices": []})

    assert "There is nothing to slice by." in _page(reader, version).content.decode()


def test_missed_pulsars_are_named_and_lead_to_their_rows_where_known(reader, tmp_path):
    Sentinel.objects.create(name="mine", hash="b" * 64, features=[])
    Label.objects.create(
        batch=7, row=3, hash=MISSED["hash"], features=[], verdict="KNOWN_PSR",
        drawn="queue", at="2026-01-01T00:00:00Z",
    )  # fmt: skip
    response = _page(reader, evaluated(tmp_path))

    assert [
        (each.called, each.batch, each.row, each.sentinel)
        for each in response.context["missed"]
    ] == [("b" * 12, None, None, True), (MISSED["name"], 7, 3, False)]
    page = response.content.decode()
    assert f'href="/showroom/batches/7/rows/3/">{MISSED["name"]}</a>' in page
    assert "2 of 366 in the hold-out" in page
    assert page.count(">sentinel</a>") == 1


def test_a_label_that_was_taken_back_leads_nowhere(reader, tmp_path):
    Label.objects.create(
        batch=7, row=3, hash=MISSED["hash"], features=[], verdict="KNOWN_PSR",
        drawn="queue", at="2026-01-01T00:00:00Z", current=None,
    )  # fmt: skip

    page = _page(reader, evaluated(tmp_path)).content.decode()
    assert "/showroom/batches/7/" not in page


def test_features_stand_in_the_order_of_what_is_lost_without_them(reader, tmp_path):
    response = _page(reader, evaluated(tmp_path))

    weights = response.context["card"].importance
    assert [(each.words, each.permutation_share) for each in weights] == [
        ("Profile's skewness", 100.0),
        ("Profile's mean", 25.0),
    ]


def test_it_stands_beside_a_baseline_the_published_and_a_champion(reader, tmp_path):
    response = _page(reader, evaluated(tmp_path))

    lines = response.context["card"].beside.lines
    assert [(line.name, line.ours) for line in lines] == [
        ("this version", True),
        ("this version, at its threshold for F1", True),
        ("logistic regression", False),
        ("this version", True),
        ("logistic regression", False),
        ("GH-VFDT", False),
    ]
    page = response.content.decode()
    assert "pulsar/2, the champion then: 99 pulsars that neither" in page


def test_a_champion_that_was_judged_on_the_same_rows_stands_in_the_table(
    reader, tmp_path
):
    report = EVALUATION["beside"]["baseline"]
    champion = {"name": "pulsar/2", "rows": 1_500, "pulsars": 200, "why": ""}
    found = EVALUATION["beside"] | {
        "champion": champion | {"report": report, "ours": report}
    }
    response = _page(reader, evaluated(tmp_path, EVALUATION | {"beside": found}))

    lines = response.context["card"].beside.lines
    assert (
        "pulsar/2, the champion",
        "1\u202f500 rows that neither was trained on",
    ) in [(line.name, line.on) for line in lines]
    assert "the champion then" not in response.content.decode()


def test_the_page_may_plot_and_has_drawings_for_those_without_script(reader, tmp_path):
    response = _page(reader, evaluated(tmp_path))

    policy = response["Content-Security-Policy"]
    assert "style-src 'self' 'unsafe-inline'" in policy
    assert "script-src" not in policy
    assert "default-src 'self'" in policy
    roc, precision_recall, calibration = response.context["drawings"]
    assert [drawn.curve.kind for drawn in roc.curves] == ["held", "folds"]
    assert roc.curves[0].line == "M48 274L78.0 38.2L348 12"
    assert roc.diagonal
    assert not precision_recall.diagonal
    assert calibration.mark is None
    assert calibration.curves[0].spans.count("M") == 4
    assert response.content.decode().count('<figure class="still">') == 3


@pytest.mark.parametrize(
    "address", ["", "card.json", "card.md", "curves-light.json", "files/model.onnx"]
)
def test_a_card_is_for_those_who_may_see_versions(
    client, django_user_model, tmp_path, address
):
    page = f"{evaluated(tmp_path).get_absolute_url()}{address}"
    assert client.get(page).status_code == 302

    client.force_login(django_user_model.objects.create_user("guest"))
    assert client.get(page).status_code == 403


@pytest.mark.parametrize(
    "address", ["", "card.json", "card.md", "curves-light.json", "files/model.onnx"]
)
def test_a_version_that_is_not_there_is_404(reader, address):
    assert reader.get(f"/registry/pulsar/77/{address}").status_code == 404


def _page(reader, version):
    return reader.get(version.get_absolute_url())


def test_a_kind_of_curve_without_a_place_is_not_drawn(reader, tmp_path):
    held = EVALUATION["curves"]["holdout"]
    none = {"predicted": [], "observed": [], "low": [], "high": [], "rows": []}
    found = EVALUATION | {"curves": {"holdout": held | {"calibration": none}}}
    version = evaluated(tmp_path, found)

    *_, calibration = _page(reader, version).context["drawings"]
    assert calibration.curves == []
    figures = reader.get(f"{version.get_absolute_url()}curves-dark.json").json()
    assert [trace["mode"] for trace in figures["calibration"]["data"]] == ["lines"]


def test_where_missed_pulsars_were_judged_is_found_by_their_hashes():
    plan = judged([f"{k:064x}" for k in range(300)]).explain()

    assert "(hash=?" in plan
