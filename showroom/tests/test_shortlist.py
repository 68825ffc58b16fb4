"""What of a batch is put before people first, and many candidates on one page."""

import io
import zipfile
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.urls import reverse

from monitor.sweep import sweep
from monitor.work import State
from pulsar_ml.features import FEATURES
from pulsar_ml.simulate import simulate as simulate_raw
from showroom import catalogue, classify, rows
from showroom import shortlist as module
from showroom.case import classify_case
from showroom.forms import RowsForm
from showroom.models import Batch, Candidate
from showroom.seal import seal
from showroom.shortlist import counts, shortlist
from showroom.start import start
from showroom.tests.conftest import as_csv, every, simulate, stored

pytestmark = pytest.mark.django_db

RAW, HIGH, UNCERTAIN = Candidate.Reason


class Killed(BaseException):
    """A worker that is gone from one line to the next."""


@pytest.fixture
def limits(settings):
    """Set how many are shortlisted."""

    def limit(max_rows: int, max_uncertain: int) -> None:
        update = {"max_rows": max_rows, "max_uncertain": max_uncertain}
        wanted = settings.PULSAR.shortlist.model_copy(update=update)
        settings.PULSAR = settings.PULSAR.model_copy(update={"shortlist": wanted})

    return limit


@pytest.fixture(scope="module")
def phcx() -> bytes:
    return simulate_raw("pulsar", seed=3).to_phcx()


def scored(batch):
    """Every row of the batch by its number."""
    form = RowsForm({"sort": "row"})
    assert form.is_valid()
    return {row["row"]: row for row in every(batch, form.cleaned_data)}


def expected(batch, max_rows, max_uncertain):
    """Row and reason as the design has them, counted out in another way."""
    threshold = batch.version.card["threshold"]
    found = scored(batch)
    score = {row: float(values["probability"]) for row, values in found.items()}
    above = sorted(row for row in score if found[row]["predicted"])
    high = sorted(above, key=lambda row: -score[row])[:max_rows]
    others = sorted(score.keys() - set(high))
    nearest = sorted(others, key=lambda row: abs(score[row] - threshold))
    return dict.fromkeys(high, HIGH) | dict.fromkeys(nearest[:max_uncertain], UNCERTAIN)


def listed(batch):
    return dict(batch.candidates.values_list("row", "shortlisted"))


def all_of(batch):
    fields = ("row", "name", "probability", "predicted", "shortlisted")
    return list(batch.candidates.order_by("row").values_list(*fields))


@pytest.mark.parametrize(("high", "uncertain"), [(2, 5), (500, 10), (0, 3), (3, 0)])
def test_the_highest_and_the_least_certain_are_listed(batch, limits, high, uncertain):
    limits(high, uncertain)
    found = batch(60, name=[f"J{place:04}" for place in range(60)])

    assert listed(found) == expected(found, high, uncertain)
    values = scored(found)
    for row, name, probability, predicted, _ in all_of(found):
        assert (name, probability, predicted) == (
            values[row]["name"],
            values[row]["probability"],
            bool(values[row]["predicted"]),
        )


def test_of_equal_scores_the_first_rows_are_listed(champion, researcher, limits):
    limits(2, 2)
    values = np.repeat(simulate(10)[9:], 6, axis=0)
    found = start([stored("sky.csv", as_csv(values))], owner=researcher)

    assert listed(found) == {1: HIGH, 2: HIGH, 3: UNCERTAIN, 4: UNCERTAIN}


def test_raw_candidates_are_all_listed_and_no_table_passes_for_one(
    champion, researcher, limits, phcx
):
    limits(1, 1)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.phcx", phcx)
        archive.writestr("b.phcx", simulate_raw("noise", seed=4).to_phcx())
    posing = {"kind": ["phcx"] * 20, "source": ["a.phcx"] * 20, "name": ["a.phcx"] * 20}
    files = [
        stored("a.csv", as_csv(simulate(20), **posing)),
        stored("sky.zip", packed.getvalue()),
        stored("c.phcx", phcx),
    ]
    found = start(files, owner=researcher)

    by_reason = {
        reason: sorted(row for row, why in listed(found).items() if why == reason)
        for reason in Candidate.Reason
    }
    assert by_reason[RAW] == [21, 22, 23]
    assert {found.candidates.get(row=row).name for row in by_reason[RAW]} == {
        "sky.zip!a.phcx",
        "sky.zip!b.phcx",
        "c.phcx",
    }
    assert [len(by_reason[reason]) for reason in (HIGH, UNCERTAIN)] == [1, 1]
    assert max(*by_reason[HIGH], *by_reason[UNCERTAIN]) <= 20


@pytest.mark.engines
def test_what_was_judged_before_keeps_its_row_and_gets_its_reason(batch, limits):
    limits(2, 3)
    found = batch(30)
    whole = all_of(found)
    assert len(whole) == 5
    found.candidates.update(shortlisted="")
    judged = set(found.candidates.filter(row__gt=15).values_list("pk", flat=True))
    found.candidates.exclude(pk__in=judged).delete()

    shortlist(found)
    shortlist(found)
    assert all_of(found) == whole
    assert judged <= set(found.candidates.values_list("pk", flat=True))


@pytest.fixture
def queued(champion, researcher, settings, limits, monkeypatch):
    """A batch that waits, whose shortlist takes three transactions."""
    limits(2000, 500)
    monkeypatch.setattr(module, "_AT_ONCE", 10)
    showroom = settings.PULSAR.showroom.model_copy(update={"inline_rows": 0})
    settings.PULSAR = settings.PULSAR.model_copy(update={"showroom": showroom})
    return start([stored("sky.csv", as_csv(simulate(25)))], owner=researcher)


@pytest.mark.parametrize(
    ("owner", "line", "call", "kept"),
    [
        (module.rows, "scores", 1, 0),
        (module.claims, "keep", 2, 0),  # the first is that of the part
        (module.claims, "keep", 3, 10),
        (Candidate.objects, "bulk_create", 3, 20),
        (classify.claims, "close", 1, 25),
    ],
)
def test_a_worker_killed_at_the_end_leaves_the_same_shortlist(
    queued, monkeypatch, owner, line, call, kept
):
    verb, calls = getattr(owner, line), []

    def killed(*args, **kwargs):
        calls.append(1)
        if len(calls) == call:
            raise Killed
        return verb(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(owner, line, killed)
        with pytest.raises(Killed):
            classify.classify(queued)
    assert (Batch.objects.get().state, queued.candidates.count()) == (
        State.RUNNING,
        kept,
    )

    Batch.objects.update(lease_until=queued.created_at)
    assert sweep(Batch) == [queued]
    classify.classify(queued)
    queued.refresh_from_db()
    assert (queued.state, queued.n_scored, queued.chunks.count()) == (
        State.SUCCESS,
        25,
        1,
    )
    assert listed(queued) == expected(queued, 2000, 500)


def test_a_batch_that_failed_at_its_shortlist_can_go_on(ana, queued, monkeypatch):
    def refused(*_):
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(module, "_found", refused)
        classify.classify(queued)
    queued.refresh_from_db()
    assert (queued.state, queued.percent) == (State.FAILED, 100)
    resume = reverse("showroom:batch-resume", args=[queued.pk])
    assert f'action="{resume}"' in ana.get(queued.get_absolute_url()).content.decode()

    ana.post(resume)
    classify.classify(queued)
    queued.refresh_from_db()
    assert (queued.state, queued.candidates.count()) == (State.SUCCESS, 25)


def test_a_worker_that_lost_its_batch_lists_nothing_more(queued, monkeypatch):
    found = module._found

    def overtaken(batch):
        Batch.objects.update(holder="somebody else")
        return found(batch)

    monkeypatch.setattr(module, "_found", overtaken)
    classify.classify(queued)

    queued.refresh_from_db()
    assert (queued.state, queued.candidates.count()) == (State.RUNNING, 0)


def test_a_day_s_cases_are_listed_when_the_day_is_over(champion, researcher, limits):
    limits(1, 2)
    for values in simulate(10):
        case = dict(zip(FEATURES, map(float, values), strict=True))
        classify_case(case, by=researcher)
    day = Batch.objects.get()
    assert seal() == 10
    assert listed(day) == {}

    midnight = datetime.combine(day.day + timedelta(days=1), datetime.min.time(), UTC)
    seal(midnight + timedelta(hours=2))
    day.refresh_from_db()
    assert (day.state, listed(day)) == (State.SUCCESS, expected(day, 1, 2))


def test_the_pages_say_how_many_more_lie_above_the_threshold(ana, batch, limits):
    limits(3, 4)
    found = batch(200)
    assert found.n_pulsars == 20
    above = found.candidates.filter(predicted=True).count()

    assert counts(found) == (
        7,
        {RAW: 0, HIGH: 3, UNCERTAIN: 4},
        20 - above,
    )
    page = ana.get(found.get_absolute_url()).content.decode()
    assert reverse("showroom:batch-shortlist", args=[found.pk]) in page
    assert f"{20 - above} more pulsars" in page
    answer = ana.get(reverse("showroom:batch-shortlist", args=[found.pk]))
    assert f"{20 - above} more lie above the threshold" in answer.content.decode()
    assert f'{found.get_absolute_url()}?predicted=1#rows"' in answer.content.decode()
    assert [c.shortlisted for c in answer.context["page"]] == [HIGH] * 3 + [
        UNCERTAIN
    ] * 4
    scores = [c.probability for c in answer.context["page"]]
    assert scores[:3] == sorted(scores[:3], reverse=True)
    assert scores[3:] == sorted(scores[3:], reverse=True)


def test_a_shortlist_is_paged_and_filtered_by_reason(ana, batch, limits):
    limits(2, 100)
    found = batch(80)
    address = reverse("showroom:batch-shortlist", args=[found.pk])
    pages = [ana.get(address, {"page": number}).context["page"] for number in (1, 2)]
    high = ana.get(address, {"reason": HIGH}).context["page"]

    assert [len(page) for page in pages] == [50, 30]
    together = [candidate.row for page in pages for candidate in page]
    assert sorted(together) == list(range(1, 81))
    assert [candidate.row for candidate in high] == together[:2]
    assert ana.get(address, {"reason": "pretty"}).status_code == 400


def test_a_raw_candidate_is_listed_with_its_picture(ana, champion, researcher, phcx):
    files = [stored("a.phcx", phcx), stored("b.csv", as_csv(simulate(2)))]
    found = start(files, owner=researcher)
    page = ana.get(reverse("showroom:batch-shortlist", args=[found.pk]))

    text = page.content.decode()
    for theme in ("light", "dark"):
        assert reverse("showroom:row-picture", args=[found.pk, 1, theme]) in text
    assert text.count('<img loading="lazy"') == 1
    assert text.count('name="row"') == 3


def test_of_a_file_in_an_archive_its_own_name_is_read(ana, batch, limits):
    limits(3, 0)
    name = "survey.zip!beam/a.pfd"
    found = batch(20, name=[name] * 20)
    page = ana.get(reverse("showroom:batch-shortlist", args=[found.pk]))

    assert page.content.decode().count(f' title="{name}">a.pfd</a>') == 2


def test_an_empty_shortlist_says_why(ana, batch, limits):
    limits(0, 0)
    found = batch(5)
    for state, words in (
        (State.QUEUED, "There is no shortlist yet."),
        (State.CANCELLED, "this batch did not come so far"),
        (State.SUCCESS, "leaves no room for any"),
    ):
        Batch.objects.filter(pk=found.pk).update(state=state)
        page = ana.get(reverse("showroom:batch-shortlist", args=[found.pk]))
        assert words in page.content.decode()
        assert 'name="row"' not in page.content.decode()


def opened(client, batch, *numbers):
    address = reverse("showroom:batch-open", args=[batch.pk])
    return client.get(address, {"row": numbers})


def test_the_chosen_candidates_are_opened_together(ana, champion, researcher, phcx):
    values = simulate(10)
    values[0, 0] = 1e6
    extra = {
        "period_s": ["0.714519699"] * 10,
        "dm": ["26.8"] * 10,
        "ra_deg": ["53.25"] * 10,
        "dec_deg": ["54.58"] * 9 + [""],
    }
    files = [stored("a.phcx", phcx), stored("b.csv", as_csv(values, **extra))]
    found = start(files, owner=researcher)
    catalogue.bring_in(KNOWN, source="here")
    answer = opened(ana, found, 11, 2, 1, 2)

    assert [c.row for c in answer.context["candidates"]] == [
        rows.one(found, number) for number in (11, 2, 1)
    ]
    plots = [c.has_plots for c in answer.context["candidates"]]
    names = [c.known and c.known.pulsar.name for c in answer.context["candidates"]]
    assert (plots, names) == ([False, False, True], [None, "J0332+5434", None])
    page = answer.content.decode()
    assert page.count('<img loading="lazy"') == 1
    assert reverse("showroom:row-picture", args=[found.pk, 1, "light"]) in page
    assert "<dt>prof_mean</dt><dd>1000000</dd>" in page
    assert "extrapolation" in page
    assert "J0332+5434" in page
    for number in (1, 2, 11):
        assert reverse("showroom:row", args=[found.pk, number]) in page


def test_more_than_fifty_are_opened_in_turn(ana, batch):
    found = batch(70)
    answer = opened(ana, found, *range(70, 0, -1))

    first = [candidate.row["row"] for candidate in answer.context["candidates"]]
    assert first == list(range(70, 20, -1))
    assert "20 more were chosen" in answer.content.decode()
    following = "?" + "&amp;".join(f"row={number}" for number in range(20, 0, -1))
    assert f'href="{following}"' in answer.content.decode()


def test_a_row_that_was_not_scored_is_named(ana, champion, researcher):
    content = as_csv(simulate(3)) + b"1,2,3\n"
    found = start([stored("sky.csv", content)], owner=researcher)
    page = opened(ana, found, 2, 4, 99).content.decode()

    assert "Not among the scored rows" in page
    assert "1 candidate of sky.csv" in page
    for number in (4, 99):
        assert f'href="{reverse("showroom:row", args=[found.pk, number])}"' in page


def test_of_an_open_day_cases_are_opened_too(ana, champion, researcher):
    for values in simulate(2):
        case = dict(zip(FEATURES, map(float, values), strict=True))
        classify_case(case, by=researcher)
    answer = opened(ana, Batch.objects.get(), 2, 1)

    assert [c.row["row"] for c in answer.context["candidates"]] == [2, 1]


def test_without_a_choice_the_page_says_what_to_do(ana, batch):
    assert "No candidate was chosen." in opened(ana, batch(5)).content.decode()


def test_a_part_that_is_missing_is_said_where_rows_are_opened(ana, batch):
    found = batch(5)
    part = found.chunks.get().part
    (found.folder / part).unlink()
    answer = opened(ana, found, 1)

    assert answer.status_code == 503
    assert f"{part} is missing among" in answer.content.decode()


def test_an_address_with_other_rows_is_refused(ana, batch):
    found = batch(5)
    for number in ("x", "-1", "9" * 19, "9" * 5000, "1.5", ""):
        assert opened(ana, found, number).status_code == 400


def test_a_private_shortlist_is_there_for_its_owner_and_admins_alone(
    client, champion, researcher, person
):
    files = [stored("secret.csv", as_csv(simulate(5)))]
    private = start(files, owner=researcher, private=True)
    seen = {}
    for who in (researcher, *map(person, ("admin", "operator", "researcher"))):
        client.force_login(who)
        seen[who.username] = [
            client.get(reverse(f"showroom:{name}", args=[private.pk]), {"row": 1})
            for name in ("batch-shortlist", "batch-open")
        ]

    assert {who: [a.status_code for a in answers] for who, answers in seen.items()} == {
        "ana": [200, 200],
        "admin": [200, 200],
        "operator": [404, 404],
        "researcher": [404, 404],
    }


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
