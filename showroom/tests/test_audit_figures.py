"""What the drawn and judged rows say of a version, and where it is put down."""

from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest
import time_machine
from django.utils.timezone import now
from prometheus_client.parser import text_string_to_metric_families

from monitor.alerts import shipped
from monitor.alerts.watch import watch
from monitor.models import Alert, Sample
from monitor.work import State
from pulsar_ml.evaluation.audit import audited
from registry.models import AliasMove, Label, Trigger
from registry.tests.triggered import trigger_row
from registry.triggers.kinds import find
from showroom.audits.figures import figures
from showroom.audits.measure import measure
from showroom.corrections.correct import Expected, correct
from showroom.models import Batch, Candidate, Draw, DrawnRow, Verdict
from showroom.tests.conftest import fill
from showroom.verdicts import give
from showroom.verdicts.give import Said

pytestmark = pytest.mark.django_db

# So many rows of each stratum, of which so many are drawn.
ROWS, OF_EACH = [400, 200, 200, 100, 100], 8


@pytest.fixture
def sample(champion, researcher) -> Callable[..., Batch]:
    """A batch of the champion's of which rows of every stratum are drawn."""

    def make(**values: object) -> Batch:
        made = Batch.objects.create(
            owner=researcher, title="sky.csv", version=champion, n_scored=1000,
            state=State.SUCCESS, finished_at=now(), **values,
        )  # fmt: skip
        fill(made, 5 * OF_EACH)
        chances = [OF_EACH / n for n in ROWS]
        draw = Draw.objects.create(
            batch=made, at=now(), rows=ROWS, chances=chances, complete=True
        )
        for place, candidate in enumerate(made.candidates.order_by("row")):
            stratum = place // OF_EACH
            DrawnRow.objects.create(
                draw=draw, candidate=candidate, stratum=stratum,
                chance=chances[stratum], place=place / 100,
            )  # fmt: skip
            Candidate.objects.filter(pk=candidate.pk).update(predicted=stratum > 2)
        return made

    return make


def say(batch, by, word_of):
    """Let somebody judge each drawn row by its stratum; an empty word says nothing."""
    for drawn in DrawnRow.objects.filter(draw__batch=batch).order_by("pk"):
        word = word_of(drawn.stratum)
        if word:
            give.give([drawn.candidate], Said(word), by=by)


def right(stratum):
    return "T1_CAND" if stratum > 2 else "RFI"


def right_but_for(*unjudged):
    return lambda stratum: "" if stratum in unjudged else right(stratum)


def four_of_five(stratum):
    """A fifth of all rows have low scores, and are pulsars all the same."""
    return "T1_CAND" if stratum == 1 else right(stratum)


def newest():
    """All that was put down, by its name and the end of the interval that it is."""
    found = Sample.objects.order_by("pk").values_list("name", "labels", "value")
    return {
        " ".join([name, *filter(None, [labels.get("end")])]): value
        for name, labels, value in found
    }


def test_figures_are_the_sciences_over_all_drawn_rows_that_are_judged(
    sample, researcher, champion
):
    say(
        sample(), researcher, lambda stratum: "NB_PSR" if stratum in (2, 4) else "NOISE"
    )

    (found,) = figures()

    of = np.repeat(np.arange(5), OF_EACH)
    chance = np.array([OF_EACH / n for n in ROWS])[of]
    expected = audited(np.array(ROWS), of, np.isin(of, (2, 4)).astype(int), chance)
    assert found == (champion, 40, 40, expected, "")
    assert expected.hit_rate.value == pytest.approx(0.7)


def test_too_few_are_said_with_how_many_there_are_and_are_wanted(sample, researcher):
    made = sample()
    assert figures()[0].too_few == ("Too few drawn rows are judged: 0, of at least 30.")
    say(made, researcher, right_but_for(1))
    (found,) = figures()
    assert (found.n_drawn, found.n, found.audited) == (40, 32, None)
    assert found.too_few == (
        "Too few drawn rows of some scores are judged: 0 of at least 3 with low scores."
    )


def test_of_few_rows_above_the_threshold_all_are_wanted(sample, researcher):
    made = sample()
    Draw.objects.filter(batch=made).update(rows=[9000, 200, 200, 2, 100])
    say(made, researcher, right_but_for(3))

    assert figures()[0].too_few == (
        "Too few drawn rows of some scores are judged: 0 of at least 2 with scores "
        "above the threshold."
    )


def test_where_no_judged_row_is_a_pulsar_that_is_said(sample, researcher):
    say(sample(), researcher, lambda _: "RFI")

    (found,) = figures()

    assert found.audited.recall is None
    assert found.audited.precision.value == 0
    assert found.too_few == (
        "None of the 40 judged rows is a pulsar: the recall is unknown."
    )
    assert measure() == 1
    told = set(Sample.objects.values_list("name", flat=True))
    assert {"hit_rate.audited", "precision.audited"} <= told
    assert "recall.audited" not in told


def test_where_people_are_at_odds_most_of_them_count_and_a_tie_is_not_judged(
    sample, researcher, person
):
    made = sample()
    rita, tom = person("researcher", "rita"), person("researcher", "tom")
    say(made, researcher, right)
    say(made, rita, lambda stratum: "RFI" if stratum > 2 else "")
    assert [one.n for one in figures()] == [24]
    say(made, tom, lambda stratum: "KNOWN_PSR" if stratum == 4 else "RFI")

    (found,) = figures()

    assert (found.n, found.audited.hit_rate.value) == (40, pytest.approx(0.9))


def test_what_is_taken_back_is_not_judged_any_more(sample, researcher):
    made = sample()
    say(made, researcher, right)
    give.give([made.candidates.first()], Said(""), by=researcher)

    assert [one.n for one in figures()] == [39]


def test_only_open_batches_count_that_are_there_and_ended_within_the_days(
    sample, researcher
):
    say(sample(), researcher, right)
    for values in (
        {"private": True},
        {"deleted_at": now()},
        {"finished_at": now() - timedelta(days=31)},
    ):
        hidden = sample()
        say(hidden, researcher, right)
        Batch.objects.filter(pk=hidden.pk).update(**values)
    begun = sample()
    Draw.objects.filter(batch=begun).update(complete=False)

    assert [(one.n_drawn, one.n) for one in figures()] == [(40, 40)]


def test_a_version_without_a_sample_is_said_to_have_none(champion):
    assert figures() == []
    (found,) = figures([champion])
    assert (found.n_drawn, found.n, found.audited) == (0, 0, None)


def test_a_look_puts_all_figures_down_under_model_and_version(
    sample, researcher, champion
):
    made = sample(source=Batch.Source.API)
    say(made, researcher, right)
    wrong = made.candidates.filter(predicted=False).first()
    correct(wrong, Expected(True), by=researcher)
    at = now()

    assert measure(at) == 1

    (found,) = figures()
    told = found.audited
    assert newest() == {
        "hit_rate.audited_n": 40,
        "hit_rate.audited_drawn": 40,
        **{
            f"{name}.{figure}": getattr(getattr(told, name), field)
            for name in ("hit_rate", "precision", "recall")
            for figure, field in (
                ("audited", "value"),
                ("interval low", "low"),
                ("interval high", "high"),
            )
        },
        "hit_rate.reported": pytest.approx(1 - 1 / 1000),
        "hit_rate.shortfall": 0,
    }
    for sample_ in Sample.objects.all():
        about = sample_.labels["model"], sample_.labels["version"]
        assert about == ("pulsar", str(champion.number))
    assert {sample.at for sample in Sample.objects.all()} == {at}


def test_of_too_few_there_is_no_rate_but_how_many(sample):
    sample()
    measure()

    assert newest() == {"hit_rate.audited_n": 0, "hit_rate.audited_drawn": 40}


def test_a_low_rate_sets_off_the_trigger(sample, researcher):
    say(sample(), researcher, four_of_five)
    trigger = trigger_row(
        Trigger.Kind.HIT_RATE,
        condition={"bound": 0.85, "n": 40},
        since=now() - timedelta(minutes=1),
    )
    measure()

    assert find(trigger, now()).reason == (
        "The hit rate is 80.0% of 40 audited, below 85.0%."
    )


def test_below_its_floor_the_rate_is_an_alert_that_ends_with_it(
    sample, researcher, reconfigured
):
    shipped.sync()
    say(sample(), researcher, four_of_five)
    measure()

    watch(now())

    (alert,) = Alert.objects.filter(rule__shipped="hit-rate-low", live=True)
    assert alert.title == (
        "How far the audited hit rate is below its floor (model pulsar, version 2): "
        "above 0.1 %"
    )
    reconfigured("audit", floor=0.75)
    for minutes in (1, 4):
        with time_machine.travel(now() + timedelta(minutes=minutes), tick=False):
            measure()
            watch(now())
    assert not Alert.objects.filter(rule__shipped="hit-rate-low", live=True).exists()


def test_the_health_of_a_model_tells_them_beside_what_was_corrected(
    caller, sample, researcher
):
    say(sample(source=Batch.Source.API), researcher, four_of_five)
    program = caller("researcher", "ana")

    told = program.get("/api/health/pulsar").json()

    (found,) = figures()
    shares = {
        name: getattr(found.audited, name)._asdict()
        for name in ("hit_rate", "precision", "recall")
    }
    assert told["audited"] == {"n": 40, "drawn": 40, "too_few": None, **shares}
    assert told["audited"]["hit_rate"]["value"] == pytest.approx(0.8)
    assert told["assertivity"] == 1
    assert [one["audited"] for one in told["versions"]] == [told["audited"]]


def test_a_champion_of_whose_move_nothing_is_kept_is_told_of_all_the_same(
    caller, sample, researcher
):
    say(sample(), researcher, right)
    AliasMove.objects.all().delete()

    told = caller("researcher", "ana").get("/api/health/pulsar").json()

    assert (told["audited"]["n"], told["versions"]) == (40, [])


def test_machines_read_the_newest_of_both_rates(client, settings, sample, researcher):
    made = sample(source=Batch.Source.API)
    measure(now() - timedelta(hours=1))
    say(made, researcher, right)
    measure()
    settings.METRICS_TOKEN = "a token like no other"

    answer = client.get(
        "/metrics", headers={"Authorization": f"Bearer {settings.METRICS_TOKEN}"}
    )

    families = text_string_to_metric_families(answer.content.decode())
    (family,) = (f for f in families if f.name == "pulsarsite_hit_rate_ratio")
    told = {one.labels["kind"]: one.value for one in family.samples}
    assert told == {"audited": 1, "reported": 1}
    assert {(one.labels["model"], one.labels["version"]) for one in family.samples} == {
        ("pulsar", str(made.version.number))
    }
    assert Verdict.objects.filter(drawn=Label.Drawn.AUDIT).count() == 0
