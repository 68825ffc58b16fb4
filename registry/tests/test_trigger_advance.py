"""From a trigger's shot to a challenger, and on by its policy: each stage once."""

import pytest
from django.utils.timezone import now

from monitor.leases import hold
from monitor.models import Lease
from monitor.work import State
from registry.errors import CannotTrigger, GateRefused
from registry.models import (
    Alias,
    AliasMove,
    Build,
    Comparison,
    Decision,
    Label,
    Retraining,
    TrainingRun,
    Trigger,
    Version,
)
from registry.move_alias import move_alias
from registry.ship import register_shipped
from registry.tests.killed import killed_at
from registry.tests.labels import digest, events, features
from registry.tests.run_rows import dataset_row, run_row
from registry.tests.triggered import stages, trigger_row
from registry.triggers.advance import advance, advance_all
from registry.triggers.approve import approve, decline
from registry.triggers.evaluate import evaluate_all
from registry.triggers.fire import fire
from registry.triggers.look import fires

pytestmark = pytest.mark.django_db
TOLD = "3 labels are new; 3 were wanted."


@pytest.fixture
def shipped() -> list[Version]:
    """Both, the champion first."""
    register_shipped()
    champion = Alias.objects.get(name="champion").version
    return [champion, Version.objects.exclude(pk=champion.pk).get()]


@pytest.fixture
def ana(person):
    return person("admin", "ana")


def label() -> None:
    """Something new to learn."""
    n = Label.objects.count()
    Label.objects.create(
        hash=digest(n), features=features(n), verdict="RFI", drawn="queue", at=now()
    )


def begun(policy: str = "notify", **values: object) -> Retraining:
    """A trigger has fired."""
    trigger = trigger_row("labels", name="new labels", policy=policy, **values)
    return fire(trigger, fires(TOLD), now(), by=None)


def compared(
    policy: str, shipped: list[Version], outcome: str, *reasons: str
) -> Retraining:
    """One whose version the gate has judged."""
    retraining = begun(policy)
    run = run_row(version=shipped[1], source="trigger")
    Retraining.objects.update(stage="training", run=run)
    advance(retraining)
    judged(outcome, *reasons)
    advance(retraining)
    retraining.refresh_from_db()
    return retraining


def judged(outcome: str, *reasons: str) -> None:
    """What a worker of the gate would have found."""
    findings = {"reasons": reasons, "why": ""}
    if outcome == "not_comparable":
        findings = {"reasons": [], "why": reasons[0]}
    waiting = Comparison.objects.filter(state=State.QUEUED)
    waiting.update(state=State.SUCCESS, outcome=outcome, findings=findings)


def aliases() -> dict[str, int]:
    return dict(Alias.objects.values_list("name", "version__number"))


def test_new_labels_are_frozen_with_the_base_then_it_is_trained_on_that():
    base = dataset_row("Archive")
    label()
    retraining = begun(training={"algorithm": "logistic_regression", "recall": 0.9})
    advance_all()

    build = Build.objects.get()
    retraining.refresh_from_db()
    assert (retraining.stage, retraining.build) == ("freezing", build)
    assert build.kind == Build.Kind.FREEZE
    assert build.name == f"Archive, labels of {retraining}"
    assert (build.order["parent"], build.order["labels"]) == (base.number, {})
    assert [step["name"] for step in build.order["treatments"]] == [
        "weak",
        "conflicts",
        "deduplicate",
    ]
    assert build.folder.is_dir()
    advance_all()
    assert Build.objects.count() == 1

    frozen = dataset_row("frozen", source="freeze", parent=base)
    Build.objects.update(state=State.SUCCESS, dataset=frozen)
    advance_all()
    advance_all()
    run = TrainingRun.objects.get()
    retraining.refresh_from_db()
    assert (retraining.stage, retraining.run) == ("training", run)
    assert (run.dataset, run.source, run.by) == (frozen, "trigger", None)
    assert (run.algorithm, run.recall) == ("logistic_regression", 0.9)
    assert run.experiment.name == "Retrainings"
    assert run.notes == f"Started by the trigger new labels: {TOLD}"


def test_without_new_labels_it_is_trained_on_the_newest_like_the_last_that_succeeded():
    dataset_row()
    newest = dataset_row()
    wanted = {"parameters": {"C": 0.3}, "seed": 7, "policy": "stratified"}
    run_row(algorithm="logistic_regression", recall=0.95, **wanted)
    run_row("failed", algorithm="gradient_boosting")
    begun()
    advance_all()

    assert stages() == [("training", "", True)]
    assert not Build.objects.exists()
    run = TrainingRun.objects.latest("pk")
    asked = (run.dataset, run.algorithm, run.parameters, run.seed, run.policy)
    assert asked == (
        newest,
        "logistic_regression",
        {"C": 0.3},
        7,
        "stratified",
    )
    assert run.recall == 0.95


def test_what_an_earlier_retraining_froze_is_not_what_the_next_begins_with():
    base = dataset_row("Archive")
    label()
    begun()
    advance_all()
    frozen = dataset_row("frozen", source="freeze", parent=base)
    Build.objects.update(state=State.SUCCESS, dataset=frozen)
    Retraining.objects.update(open=None, stage="offered")

    label()
    fire(Trigger.objects.get(), fires(TOLD), now(), by=None)
    advance_all()
    assert Build.objects.latest("pk").order["parent"] == base.number


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_what_cannot_be_frozen_is_the_end(state):
    dataset_row()
    label()
    retraining = begun()
    advance_all()
    Build.objects.update(state=state, reason="No room.")
    advance_all()

    said = f"Build {Build.objects.get().pk} {state}: No room."
    assert stages() == [("failed", said, None)]
    assert not TrainingRun.objects.exists()
    retraining.refresh_from_db()
    assert retraining.ended_at
    told = {"outcome": "failed", "reason": said}
    assert events("retraining.ended") == [
        ("retraining.ended", str(retraining), "", told)
    ]


def test_while_the_disk_is_full_it_waits(reconfigured):
    dataset_row()
    label()
    begun()
    reconfigured("storage", reserve_bytes=10**18)
    advance_all()

    ((stage, reason, is_open),) = stages()
    assert (stage, is_open, Build.objects.count()) == ("freezing", True, 0)
    assert reason.startswith("The disk is full: ")
    assert reason.endswith(" It goes on when there is room.")
    reconfigured("storage", reserve_bytes=0)
    advance_all()
    assert (stages(), Build.objects.count()) == ([("freezing", "", True)], 1)


def test_what_cannot_be_trained_is_the_end():
    dataset_row(n_pulsars=320)
    begun()
    advance_all()

    words = (
        "Dataset 1 has 5 pulsars and 14,371 others to learn from; of each, at least 20"
        " are needed."
    )
    assert stages() == [("failed", words, None)]


def test_without_any_dataset_it_ends():
    begun()
    advance_all()

    assert stages() == [("failed", "There is no dataset to learn from.", None)]


def test_a_training_that_failed_is_the_end(shipped):
    dataset_row()
    begun()
    advance_all()
    TrainingRun.objects.update(state=State.FAILED, reason="The ONNX differs.")
    advance_all()

    pk = TrainingRun.objects.get().pk
    assert stages() == [("failed", f"Training {pk} failed: The ONNX differs.", None)]
    assert "challenger" not in aliases()


def test_a_version_is_held_against_the_champion_and_made_the_challenger(shipped):
    champion, candidate = shipped
    retraining = compared("notify", shipped, "passed")

    comparison = Comparison.objects.get()
    assert retraining.comparison == comparison
    assert (comparison.candidate, comparison.champion) == (candidate, champion)
    assert stages() == [("offered", "The gate found nothing against it.", None)]
    assert aliases()["challenger"] == candidate.number
    assert aliases()["champion"] == champion.number
    move = AliasMove.objects.get(alias="challenger")
    assert (move.reason, move.by) == (f"Trained by {retraining}: {TOLD}", None)
    told = {
        "outcome": "offered",
        "version": str(candidate),
        "reason": "The gate found nothing against it.",
    }
    assert events("retraining.ended") == [
        ("retraining.ended", str(retraining), "", told)
    ]


def test_a_comparison_that_failed_is_the_end_without_a_challenger(shipped):
    retraining = begun()
    Retraining.objects.update(stage="training", run=run_row(version=shipped[1]))
    advance(retraining)
    Comparison.objects.update(state=State.FAILED, reason="Its file is not there.")
    advance(retraining)

    pk = Comparison.objects.get().pk
    words = f"Comparison {pk} failed: Its file is not there."
    assert stages() == [("failed", words, None)]
    assert "challenger" not in aliases()


def test_what_the_gate_would_refuse_is_offered_with_its_reasons(shipped):
    compared("notify", shipped, "refused", "J1046-58 would be lost.")
    words = "The gate would refuse it. J1046-58 would be lost."
    assert stages() == [("offered", words, None)]


def test_what_the_gate_cannot_judge_is_offered_and_that_is_said(shipped):
    compared("notify", shipped, "not_comparable", "7 pulsars are too few.")
    words = "The gate could not judge it. 7 pulsars are too few."
    assert stages() == [("offered", words, None)]


def test_by_itself_it_is_promoted_if_the_gate_lets_it_pass(shipped):
    champion, candidate = shipped
    retraining = compared("auto", shipped, "passed")

    assert stages() == [("promoted", f"{candidate} is in production.", None)]
    assert aliases()["champion"] == candidate.number
    assert aliases()["rollback"] == champion.number
    move = AliasMove.objects.get(alias="champion", after=candidate)
    assert (move.comparison, move.is_override) == (retraining.comparison, False)
    assert move.reason == f"{retraining}: {TOLD}"


@pytest.mark.parametrize("outcome", ["refused", "not_comparable"])
def test_by_itself_it_never_goes_past_the_gate(shipped, outcome):
    champion, candidate = shipped
    compared("auto", shipped, outcome, "J1046-58 would be lost.")

    ((stage, reason, is_open),) = stages()
    assert (stage, is_open) == ("refused", None)
    assert reason.endswith("J1046-58 would be lost.")
    assert aliases()["champion"] == champion.number
    assert aliases()["challenger"] == candidate.number


def test_where_nothing_is_in_production_nothing_has_to_be_compared(shipped):
    Alias.objects.all().delete()
    begun("auto")
    Retraining.objects.update(stage="training", run=run_row(version=shipped[1]))
    advance_all()

    words = f"{shipped[1]} is in production."
    assert stages() == [("promoted", words, None)]
    assert not Comparison.objects.exists()


def test_with_another_champion_than_it_was_compared_with_it_is_compared_anew(
    shipped, reconfigured
):
    retraining = begun("auto")
    Retraining.objects.update(stage="training", run=run_row(version=shipped[1]))
    advance(retraining)
    judged("passed")
    # The margins count as well: it is the gate of now that has to let it pass.
    reconfigured("gate", recall_margin=0.001)
    advance(retraining)

    assert stages() == [("comparing", "", True)]
    _, second = Comparison.objects.order_by("pk")
    retraining.refresh_from_db()
    assert (retraining.comparison, second.state) == (second, State.QUEUED)
    assert aliases()["champion"] == shipped[0].number


def test_by_approval_it_waits_until_an_admin_promotes_it(shipped, ana):
    _, candidate = shipped
    retraining = compared("approve", shipped, "passed")
    assert stages() == [("waiting", "", True)]
    advance_all()
    assert stages() == [("waiting", "", True)]

    approve(retraining, by=ana)
    assert stages() == [("promoted", f"{candidate} is in production.", None)]
    retraining.refresh_from_db()
    assert (retraining.by, aliases()["champion"]) == (ana, candidate.number)
    kinds = ("retraining.approved", "retraining.ended")
    assert [kind for kind, *_ in events(*kinds)] == list(kinds)
    with pytest.raises(CannotTrigger, match="does not wait any more: promoted"):
        approve(retraining, by=ana)


def test_against_the_gate_it_is_approved_with_a_written_reason_alone(shipped, ana):
    retraining = compared("approve", shipped, "refused", "J1046-58 would be lost.")
    with pytest.raises(GateRefused, match="J1046-58 would be lost"):
        approve(retraining, by=ana)
    assert stages() == [("waiting", "", True)]

    approve(retraining, by=ana, override="It is not in our sky.")
    assert stages()[0][0] == "promoted"
    move = AliasMove.objects.get(alias="champion", after=shipped[1])
    assert (move.is_override, move.reason) == (True, "It is not in our sky.")


def test_declined_it_ends_with_the_reason_and_production_stays(shipped, ana):
    retraining = compared("approve", shipped, "passed")
    with pytest.raises(CannotTrigger, match="Say why it is declined"):
        decline(retraining, by=ana, reason=" ")
    decline(retraining, by=ana, reason="Wait for the survey.")

    assert stages() == [("declined", "Wait for the survey.", None)]
    assert aliases()["champion"] == shipped[0].number
    assert [kind for kind, *_ in events("retraining.declined")] == [
        "retraining.declined"
    ]
    with pytest.raises(CannotTrigger, match="does not wait any more: declined"):
        decline(retraining, by=ana, reason="Again.")


def test_who_promotes_it_elsewhere_has_decided(shipped, ana):
    champion, candidate = shipped
    retraining = compared("approve", shipped, "passed")
    move_alias("champion", candidate, expected=champion, reason="mine", by=ana)
    advance_all()

    assert stages() == [("promoted", f"{candidate} is in production.", None)]
    retraining.refresh_from_db()
    assert retraining.by == ana


def test_with_another_champion_meanwhile_what_waits_is_compared_anew(shipped):
    champion, _ = shipped
    retraining = compared("approve", shipped, "passed")
    third = Version.objects.create(
        model=champion.model, number=9, sha256="9" * 64, card={}
    )
    move_alias("champion", third, expected=champion, reason="other")
    advance_all()

    retraining.refresh_from_db()
    assert retraining.stage == "comparing"
    assert retraining.comparison.champion == third


def test_one_process_at_a_time_brings_it_further(shipped, ana):
    dataset_row()
    retraining = begun()
    with hold(str(retraining), 60):
        advance_all()
        assert stages() == [("freezing", "", True)]
    advance_all()
    assert stages() == [("training", "", True)]

    waiting = compared_row(retraining, shipped)
    with hold(str(waiting), 60), pytest.raises(CannotTrigger, match="try again"):
        approve(waiting, by=ana)


def compared_row(retraining: Retraining, shipped: list[Version]) -> Retraining:
    Retraining.objects.update(stage="waiting", version=shipped[1])
    retraining.refresh_from_db()
    return retraining


def test_what_breaks_leaves_the_others_their_turn(monkeypatch):
    dataset_row()
    begun()
    Retraining.objects.update(model="other")
    Retraining.objects.update(stage="nowhere")
    fire(trigger_row(), fires(TOLD), now(), by=None)
    advance_all()

    assert [stage for stage, *_ in stages()] == ["nowhere", "training"]


POINTS = [
    "retraining.begun",
    "retraining.build.asked",
    "retraining.build.kept",
    "retraining.run.asked",
    "retraining.comparison.asked",
    "retraining.challenged",
    "retraining.promoted",
]


@pytest.mark.django_db(transaction=True)
def test_killed_at_any_line_nothing_is_started_twice(shipped):
    champion, candidate = shipped
    dataset_row()
    label()
    trigger_row("labels", condition={"number": 1}, policy="auto")
    codes = {}
    for point in POINTS:
        codes[point] = killed_at(point, _look)
        # The dead one's lease would end by itself.
        Lease.objects.all().delete()
        Trigger.objects.update(evaluated_at=None)
        if point == "retraining.build.kept":
            Build.objects.update(
                state=State.SUCCESS, dataset=dataset_row(source="freeze")
            )
        if point == "retraining.run.asked":
            _look()
            TrainingRun.objects.update(state=State.SUCCESS, version=candidate)
        if point == "retraining.comparison.asked":
            judged("passed")
    _look()

    assert codes == dict.fromkeys(POINTS, 137)
    assert stages() == [("promoted", f"{candidate} is in production.", None)]
    kinds = (Build, TrainingRun, Comparison, Retraining)
    assert [kind.objects.count() for kind in kinds] == [1, 1, 1, 1]
    assert Decision.objects.filter(outcome="fired").count() == 1
    moves = AliasMove.objects.exclude(before=None, alias="champion").order_by("pk")
    assert [(move.alias, move.after) for move in moves] == [
        ("challenger", candidate),
        ("champion", candidate),
        ("rollback", champion),
    ]
    for kind in ("retraining.started", "training.requested", "retraining.ended"):
        assert len(events(kind)) == 1


@pytest.mark.django_db(transaction=True)
def test_killed_while_it_is_approved_it_is_promoted_and_ended_by_the_clock(
    shipped, ana
):
    retraining = compared("approve", shipped, "passed")
    code = killed_at("retraining.approved", approve, retraining, by=ana)
    Lease.objects.all().delete()
    assert (code, stages()) == (137, [("waiting", "", True)])
    advance_all()

    retraining.refresh_from_db()
    assert stages() == [("promoted", f"{shipped[1]} is in production.", None)]
    assert retraining.by == ana


def _look() -> None:
    """What the clock does each minute."""
    evaluate_all(now())
    advance_all()
