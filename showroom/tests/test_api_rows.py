"""What came out of a batch, through the API: rows, rejects, scores, pictures."""

import json
from typing import get_args

import numpy as np
import pytest

from monitor.work import State
from pulsar_ml.features import FEATURES
from pulsar_ml.simulate import simulate as candidate
from registry.models import Version
from registry.models.label import Word
from showroom import catalogue, rows
from showroom.again import again
from showroom.api import verdicts, wanted
from showroom.forms import RowsForm
from showroom.models import BINS, Batch
from showroom.start import start
from showroom.tests.conftest import as_csv, every, simulate, stored
from showroom.tests.test_compare import change
from showroom.tests.test_row import KNOWN
from showroom.verdicts.give import Said, give
from showroom.verdicts.judged import judged

pytestmark = pytest.mark.django_db

HOSTILE = ["=1+1", "é 脉冲星", "\U0001f600", "a\tb", "'; drop table scores --"]


@pytest.fixture
def survey(batch) -> Batch:
    names = [f"{HOSTILE[n % 5]} {n:02}" for n in range(40)]
    return batch(40, name=names, DM=[str(n / 2) for n in range(40)])


@pytest.fixture
def program(caller):
    return caller("researcher", "ben", read_only=True)


def address(batch, *parts):
    return "/".join(map(str, [f"/api/v1/batches/{batch.pk}", *parts]))


def table(batch, **query):
    form = RowsForm(query, batch=batch)
    assert form.is_valid(), form.errors
    return every(batch, form.cleaned_data)


def walk(program, start, way="next"):
    """The results of all pages from this one on."""
    found, link = [], start
    while link:
        answer = program.get(link)
        assert answer.status_code == 200, answer.content
        page = answer.json()
        found += page["results"] if way == "next" else page["results"][::-1]
        last, link = link, page[way]
    return found, last


def test_a_row_is_told_whole(program, survey):
    page = program.get(address(survey, "rows"), {"page_size": 1, "sort": "row"}).json()
    (expected,) = table(survey, sort="row")[:1]

    assert page == {
        "total": 40,
        "previous": None,
        "next": page["next"],
        "results": [
            {
                "id": f"{survey.pk}-1",
                "row": 1,
                "name": "=1+1 00",
                "probability": pytest.approx(expected["probability"], rel=1e-7),
                "predicted": 0,
                "warnings": [code for code in expected["warnings"].split(";") if code],
                "features": {name: expected[name] for name in FEATURES},
                "metadata": {"DM": "0.0"},
                "verdict": None,
                "n_others": 0,
            }
        ],
    }


@pytest.mark.parametrize(
    "query",
    [
        {"sort": "name"},
        {"sort": "-meta_0", "predicted": "0"},
        {"text": "É", "low": "0", "high": "0.9", "warning": "none"},
        {"prof_mean_from": "100", "dm_std_to": "19.5", "sort": "-row"},
    ],
)
def test_all_pages_are_the_table_in_both_directions(program, survey, query):
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    first = address(survey, f"rows?page_size=6&{asked}")
    expected = [row["row"] for row in table(survey, **query)]

    there, last = walk(program, first)
    back, _ = walk(program, last, "previous")
    assert expected
    assert [row["row"] for row in there] == expected
    assert [row["row"] for row in back] == expected[::-1]
    assert program.get(first).json()["total"] == len(expected)


def test_a_score_is_the_shortest_that_gives_it_again(program, survey):
    found, _ = walk(program, address(survey, "rows"))
    scores = [row["probability"] for row in found]

    assert all(len(repr(score)) <= 12 for score in scores if score > 1e-3)
    expected = [row["probability"] for row in table(survey)]
    assert [np.float32(score) for score in scores] == [
        np.float32(score) for score in expected
    ]


WRONG = [
    ({"cursor": "x"}, "cursor"),
    ({"cursor": "after."}, "cursor"),
    ({"cursor": "after.[1,2,3]"}, "cursor"),
    ({"cursor": "before.[null,-1]"}, "cursor"),
    ({"cursor": 'after.["a",1]'}, "cursor"),
    ({"cursor": "after." + "[" * 3000}, "cursor"),
    ({"page_size": "501"}, "page_size"),
    ({"sort": "meta_1"}, "sort"),
    ({"sort": "probability; drop table scores"}, "sort"),
    ({"low": "nan"}, "low"),
    ({"dm_mean_to": "inf"}, "dm_mean_to"),
    ({"text": "\x00"}, "text"),
    ({"text": "x" * 256}, "text"),
    ({"verdict": "STAR"}, "verdict"),
    ({"predicted": "2"}, "predicted"),
]


def test_rows_that_make_no_sense_are_refused_by_their_field(program, listed):
    for query, where in WRONG:
        answer = program.get(address(listed, "rows"), query)
        assert answer.status_code == 422, query
        (wrong,) = answer.json()["errors"]
        assert wrong["loc"] == ["query", where]


def test_verdicts_choose_rows_and_stand_beside_them(caller, program, survey):
    ana = caller("researcher", "ana")
    ana_user = ana.get(address(survey)).wsgi_request.user
    give(list(judged(survey, [3, 5]).values()), Said("RFI"), by=ana_user)

    def found(who, **query):
        answer = who.get(address(survey, "rows"), {"sort": "row", **query})
        return [
            (row["row"], row["verdict"], row["n_others"])
            for row in answer.json()["results"]
        ]

    assert found(program, verdict="given") == [(3, None, 1), (5, None, 1)]
    assert found(ana, verdict="RFI", judge="me") == [(3, "RFI", 0), (5, "RFI", 0)]
    assert found(program, judge="ana") == found(program, verdict="RFI")
    assert found(program, judge="nobody") == found(program, judge="0") == []
    assert len(found(program, verdict="none")) == 38
    Batch.objects.filter(pk=survey.pk).update(blind=True)
    assert found(program, verdict="given") == []


def test_one_row_tells_where_it_comes_from_and_which_pulsar_it_may_be(
    program, batch, champion
):
    survey = batch(
        2,
        period_s=["0.357259268", "0.5"],
        dm=["26.804", "10"],
        ra_deg=["59.725"] * 2,
        dec_deg=["54.2206"] * 2,
    )
    assert program.get(address(survey, "rows/1")).json()["catalogue"] is None
    catalogue.bring_in(KNOWN, source="here")
    told, other = (program.get(address(survey, f"rows/{n}")).json() for n in (1, 2))

    assert {name: told[name] for name in ("url", "threshold", "file", "has_plots")} == {
        "url": f"/showroom/batches/{survey.pk}/rows/1/",
        "threshold": champion.card["threshold"],
        "file": "sky.csv",
        "has_plots": False,
    }
    assert (told["catalogue"], told["explanation"]) == ("psrcat 9.9", None)
    (known,) = told["known"]
    assert known.pop("separation_deg") == pytest.approx(3.786, abs=1e-3)
    assert known.pop("why").startswith("1/2 of its period to ")
    assert known == {
        "name": "J0332+5434",
        "b_name": "B0329+54",
        "period_s": 0.714519699,
        "dm": 26.7641,
        "a": 1,
        "b": 2,
        "suggestion": "NB_PSR",
    }
    assert other["known"] == []


def test_a_row_says_why_it_has_its_score_when_that_is_asked_for(program, survey):
    told = program.get(address(survey, "rows/10"), {"explain": "true"}).json()
    why = told["explanation"]

    assert sorted(reason["feature"] for reason in why["reasons"]) == sorted(FEATURES)
    sizes = [abs(reason["contribution"]) for reason in why["reasons"]]
    assert sizes == sorted(sizes, reverse=True)
    assert why["log_odds"] == pytest.approx(
        why["base"] + sum(reason["contribution"] for reason in why["reasons"])
    )
    odds = np.log(told["probability"] / (1 - told["probability"]))
    assert why["log_odds"] == pytest.approx(odds, abs=1e-3)


def test_a_row_that_is_not_there_is_404(program, survey):
    for row in (41, 2**63 - 1):
        assert program.get(address(survey, "rows", row)).status_code == 404


def test_what_is_no_row_is_refused(program, listed):
    for row in ("0", "-1", str(2**63), "1.5", "one"):
        assert program.get(address(listed, "rows", row)).status_code == 422


def test_the_histogram_is_of_the_wanted_rows(program, survey):
    told = program.get(address(survey, "histogram")).json()
    some = program.get(address(survey, "histogram"), {"predicted": "1"}).json()

    assert told["edges"] == [place / BINS for place in range(BINS + 1)]
    assert told["counts"] == rows.counts(survey)
    assert (sum(told["counts"]), sum(some["counts"])) == (40, 4)


def test_the_plane_of_two_features_is_that_of_the_page(program, survey):
    told = program.get(address(survey, "space"), {"x": "dm_mean", "text": "1"})
    page = program.get(
        f"/showroom/batches/{survey.pk}/space/", {"x": "dm_mean", "text": "1"}
    )

    assert told.json() == json.loads(json.dumps(page.context["figure"]))
    assert told.json()["x"]["feature"] == "dm_mean"
    same = program.get(address(survey, "space"), {"x": "dm_mean", "y": "dm_mean"})
    assert same.json()["errors"] == [
        {"loc": ["query", "y"], "msg": "Choose two different features."}
    ]
    Batch.objects.filter(pk=survey.pk).update(state=State.RUNNING)
    assert program.get(address(survey, "space")).status_code == 409


def test_rejects_are_read_on_and_on(program, champion, researcher):
    lines = as_csv(simulate(9)).decode().splitlines()
    lines = [line if n % 2 else f"bright{line}" for n, line in enumerate(lines)]
    content = "\n".join([",".join(FEATURES), *lines[1:]]).encode()
    made = start([stored("sky.csv", content)], owner=researcher)

    found, _ = walk(program, address(made, "rejects?page_size=3"))
    assert [one["row"] for one in found] == [2, 4, 6, 8]
    assert program.get(address(made, "rejects")).json()["total"] == 4
    one = program.get(address(made, "rejects/2")).json()
    assert one == found[0]
    assert (one["file"], one["line"], one["column"]) == ("sky.csv", 3, FEATURES[0])
    assert one["value"].startswith("bright")
    assert program.get(address(made, "rejects/1")).status_code == 404
    assert program.get(address(made, "rows/2")).status_code == 404
    answer = program.get(address(made, "rejects.csv"))
    assert len(b"".join(answer.streaming_content).splitlines()) == 5
    for cursor in ("after.x", "before.2", f"after.{'9' * 40}", "x"):
        answer = program.get(address(made, "rejects"), {"cursor": cursor})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["loc"] == ["query", "cursor"]


def test_rejects_go_on_in_the_part_that_holds_them(program, survey, champion):
    bad = b"\n".join([",".join(FEATURES).encode(), *[b"x,1,1,1,1,1,1,1"] * 5])
    made = start([stored("bad.csv", bad)], owner=survey.owner)
    line = made.chunks.get()
    line.pk, line.number, line.first_row, line.rejects = None, 1, 6, "gone.parquet"
    line.save()
    # Whoever has read all of the second part opens the first no more.
    line.rejects = made.chunks.get(number=0).rejects
    line.save()
    made.chunks.filter(number=0).update(rejects="gone.parquet")

    assert program.get(address(made, "rejects?cursor=after.5")).status_code == 200
    assert program.get(address(made, "rejects?cursor=after.4")).status_code == 503


@pytest.mark.slow
def test_plots_are_pictures_or_figures(program, champion, researcher):
    made = start(
        [
            stored("a.phcx", candidate("pulsar", seed=3).to_phcx()),
            stored("b.csv", as_csv(simulate(1))),
        ],
        owner=researcher,
    )
    picture = address(made, "rows/1/picture")
    png, dark = program.get(picture), program.get(picture, {"theme": "dark"})
    svg = program.get(picture, {"format": "svg"})

    assert png["Content-Type"] == dark["Content-Type"] == "image/png"
    assert png.content.startswith(b"\x89PNG")
    assert png.content != dark.content
    assert svg["Content-Type"] == "image/svg+xml"
    assert "default-src 'none'" in svg["Content-Security-Policy"]
    assert b"<svg" in svg.content
    figures = json.loads(program.get(address(made, "rows/1/figures")).content)
    assert set(figures) == {"profile", "subints", "subbands", "dm", "plane"}
    assert program.get(address(made, "rows/1")).json()["has_plots"] is True
    for wrong, status in (
        (address(made, "rows/2/picture"), 404),
        (address(made, "rows/3/figures"), 404),
        (f"{picture}?theme=pink", 422),
        (f"{picture}?format=gif", 422),
    ):
        assert program.get(wrong).status_code == status
    made.files.get(position=0).path.unlink()
    gone = program.get(address(made, "rows/1/figures"))
    assert gone.status_code == 404
    assert gone.json()["detail"] == "is no longer in the storage"


@pytest.mark.slow
def test_a_reject_may_have_plots_too(program, champion, researcher, data):
    folded = "Ter5_080912_bary_DM238.30_8.66ms_Cand.pfd"
    content = (data / "candidates" / folded).read_bytes()
    made = start([stored(folded, content)], owner=researcher)

    png = program.get(address(made, "rejects/1/picture"), {"mask": "true"})
    assert png.content.startswith(b"\x89PNG")
    figures = program.get(address(made, "rejects/1/figures"))
    assert "profile" in json.loads(figures.content)
    assert program.get(address(made, "rejects/2/picture")).status_code == 404


def test_a_part_that_is_missing_is_said(program, survey):
    (survey.folder / survey.chunks.get().part).unlink()

    for path in ("rows", "rows/1", "histogram?text=gone", "scores"):
        answer = program.get(address(survey, path))
        assert answer.status_code == 503
        assert answer.json()["detail"].startswith("The storage refused: part-00000-")


def test_two_versions_are_compared_on_the_same_files(program, survey, champion):
    other = Version.objects.exclude(pk=champion.pk).get()
    second = again(survey, other, by=survey.owner)
    change(second, "predicted = (predicted + (row % 4 = 0)::tinyint) % 2")
    change(second, "probability = abs(probability - row / 100)")
    summary = program.get(address(survey, "against", second.pk)).json()

    far = {name: summary.pop(name) for name in ("median", "most")}
    assert summary == {
        "n": 40,
        "both": 2,
        "neither": 28,
        "only_first": 2,
        "only_second": 8,
        "missing_in_first": 0,
        "missing_in_second": 0,
    }
    assert 0 < far["median"] < far["most"] < 1
    path = address(survey, "against", second.pk, "rows")
    found, last = walk(program, f"{path}?page_size=4")
    back, _ = walk(program, last, "previous")
    assert back == found[::-1]
    assert sorted(row["row"] for row in found) == [*range(4, 41, 4)]
    assert found == sorted(found, key=lambda row: -row["distance"])
    only = program.get(path, {"only": "first"}).json()["results"]
    assert sorted(row["row"] for row in only) == [20, 40]
    one = only[0]
    assert one["distance"] == pytest.approx(one["first"] - one["second"], abs=1e-6)
    assert program.get(path, {"cursor": "after.[1]"}).status_code == 422
    lines = b"".join(program.get(f"{path}.csv").streaming_content).splitlines()
    scores = [f"probability_batch_{batch.pk}" for batch in (survey, second)]
    assert lines[0].decode().split(",") == ["row", "name", *scores, "difference"]
    assert len(lines) == 11
    stranger = start([stored("other.csv", as_csv(simulate(5, 7)))], owner=survey.owner)
    assert program.get(address(survey, "against", stranger.pk)).status_code == 404


def test_nothing_of_a_private_batch_is_there_for_others(caller, program, listed):
    Batch.objects.filter(pk=listed.pk).update(private=True)
    paths = [
        *("rows", "rows/1", "histogram", "rejects", "rejects/1", "rejects.csv"),
        *("rows/1/picture", "rows/1/figures", "rejects/1/picture", "files"),
        *("scores", "downloads", "shortlist", "verdicts", "verdicts/summary"),
        *(
            "rows/1/verdicts",
            "candidates.csv",
            "classification.csv",
            "rejects/1/figures",
        ),
        *(f"against/{listed.pk}", f"against/{listed.pk}/rows", ""),
    ]
    ana = caller("researcher", "ana")
    for path in paths:
        assert program.get(address(listed, path).rstrip("/")).status_code == 404, path
    assert ana.get(address(listed, "shortlist")).status_code == 200


def test_a_batch_under_way_shows_what_is_scored_so_far(program, survey):
    Batch.objects.filter(pk=survey.pk).update(state=State.RUNNING)
    assert program.get(address(survey, "rows")).json()["total"] == 40


def test_cases_of_the_hour_are_rows_too(caller, champion):
    ana = caller("researcher", "ana")
    data = [[float(value) for value in values] for values in simulate(2)]
    ana.post("/api/models/production/pulsar", {"data": data}, "application/json")
    day = Batch.objects.get(source=Batch.Source.CASES)

    found = ana.get(address(day, "rows"), {"sort": "row"}).json()
    assert [list(row["features"].values()) for row in found["results"]] == data


def test_the_filter_by_verdict_knows_all_that_the_table_s_knows():
    offered = {value for value, _ in RowsForm().fields["verdict"].choices if value}
    assert set(get_args(wanted.Verdict)) == offered
    assert set(get_args(verdicts.Spoken)) == {*Word.values, "UNCAT"}
