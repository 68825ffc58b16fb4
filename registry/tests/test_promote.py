"""A version goes into production through the gate, or past it with a reason."""

import threading

import pytest
from django.db import connection

from monitor.models import Outbox
from registry.errors import AliasMoved, CannotPromote, GateRefused, NotReady
from registry.models import AliasMove, Comparison, Sentinel, Version
from registry.promotion.promote import promote
from registry.tests.labels import features
from registry.tests.promoted import aliases, judged, versions

pytestmark = pytest.mark.django_db

REFUSED = Comparison.Outcome.REFUSED
NOT_COMPARABLE = Comparison.Outcome.NOT_COMPARABLE


@pytest.fixture
def three(tmp_path):
    return versions(tmp_path)


@pytest.mark.engines
def test_what_has_passed_takes_the_place_and_the_old_one_is_kept(three, person):
    old, new, _ = three
    ana = person("admin", "ana")
    comparison = judged(new, old)
    Outbox.objects.all().delete()
    promote(new, by=ana, comparison=comparison, expected=old)

    assert aliases() == {"champion": new, "rollback": old}
    moves = AliasMove.objects.order_by("pk")[1:]
    assert [
        (m.alias, m.before, m.after, m.by, m.reason, m.comparison, m.is_override)
        for m in moves
    ] == [
        ("champion", old, new, ana, "The gate let it pass.", comparison, False),
        ("rollback", None, old, ana, f"{new} took its place", None, False),
    ]
    assert list(Outbox.objects.values_list("kind", "about")) == [
        ("alias.moved", str(new)),
        ("alias.moved", str(old)),
    ]


def test_the_next_promotion_keeps_the_one_before_it(three):
    first, second, third = three
    promote(second, by=None, comparison=judged(second, first), expected=first)
    promote(
        third,
        by=None,
        comparison=judged(third, second),
        expected=second,
        reason="finds more",
    )

    assert aliases() == {"champion": third, "rollback": second}
    champion = AliasMove.objects.filter(alias="champion").latest("pk")
    assert champion.reason == "finds more"


def test_the_first_of_a_model_needs_no_comparison(three):
    _, new, _ = three
    AliasMove.objects.all().delete()
    new.model.aliases.all().delete()
    promote(new, by=None, comparison=None, expected=None)

    assert aliases() == {"champion": new}
    assert AliasMove.objects.get().reason == "The first in production."


def test_without_the_word_of_the_gate_nothing_is_promoted(three):
    old, new, third = three
    waiting = judged(new, old)
    waiting.state = "running"
    for comparison, words in (
        (None, f"{new} was not compared with {old}. Ask the gate first."),
        (
            judged(third, old),
            (
                f"Comparison {judged(third, old).pk} holds {third} against {old}, "
                f"not {new} against {old}."
            ),
        ),
        (waiting, f"The gate has not judged {new} yet."),
        (
            judged(new, old, REFUSED, reasons=["Recall falls.", "J1 is lost."]),
            f"The gate refused {new}. Recall falls. J1 is lost.",
        ),
        (
            judged(new, old, NOT_COMPARABLE, why="There are 3 pulsars."),
            f"The gate could not judge {new}. There are 3 pulsars.",
        ),
    ):
        with pytest.raises(GateRefused) as refusal:
            promote(new, by=None, comparison=comparison, expected=old, override=" ")
        assert str(refusal.value) == words
    assert aliases() == {"champion": old}


def test_a_word_of_the_gate_that_is_out_of_date_counts_no_more(three):
    old, new, _ = three
    comparison = judged(new, old)
    Sentinel.objects.create(name="J1", hash="a" * 64, features=features(1))

    with pytest.raises(GateRefused, match="Ask it again"):
        promote(new, by=None, comparison=comparison, expected=old)
    assert aliases() == {"champion": old}


@pytest.mark.engines
@pytest.mark.parametrize("outcome", [REFUSED, NOT_COMPARABLE, None])
def test_a_written_reason_goes_past_the_gate_and_is_an_event(three, person, outcome):
    old, new, _ = three
    ana = person("admin", "ana")
    said = outcome and judged(new, old, outcome, reasons=["J1 is lost."])
    promote(new, by=ana, comparison=said, expected=old, override="J1 is noise")

    assert aliases() == {"champion": new, "rollback": old}
    move = AliasMove.objects.filter(alias="champion").latest("pk")
    assert (move.is_override, move.reason, move.comparison) == (
        True,
        "J1 is noise",
        said,
    )
    event = Outbox.objects.get(kind="gate.overridden")
    assert (event.about, event.who, event.detail["reason"]) == (
        str(new),
        str(ana.pk),
        "J1 is noise",
    )
    assert new.model.name in event.detail["against"]


def test_a_reason_to_go_past_a_gate_that_is_open_is_a_reason_alone(three):
    old, new, _ = three
    comparison = judged(new, old)
    promote(new, by=None, comparison=comparison, expected=old, override="I know it")

    move = AliasMove.objects.filter(alias="champion").latest("pk")
    assert (move.is_override, move.reason) == (False, "I know it")
    assert not Outbox.objects.filter(kind="gate.overridden").exists()


def test_what_cannot_answer_is_not_promoted_whoever_wants_it(three):
    old, new, third = three
    (new.folder / "model.onnx").write_bytes(b"something else")
    Version.objects.filter(pk=third.pk).update(
        registration=Version.Registration.QUARANTINED, reason="It has a loop."
    )
    third.refresh_from_db()

    with pytest.raises(NotReady, match=rf"{new} cannot answer.*model\.onnx"):
        promote(new, by=None, comparison=judged(new, old), expected=old)
    words = f"{third} is quarantined and never loaded: It has a loop."
    with pytest.raises(NotReady) as refusal:
        promote(third, by=None, comparison=None, expected=old, override="I want it")
    assert str(refusal.value) == words
    with pytest.raises(CannotPromote, match=f"{old} is in production already"):
        promote(old, by=None, comparison=None, expected=old)
    assert aliases() == {"champion": old}


@pytest.mark.engines
def test_who_saw_another_champion_is_told_and_nothing_is_half_done(three, person):
    old, new, third = three
    ana = person("admin", "ana")
    both = judged(new, old), judged(third, old)
    promote(new, by=ana, comparison=both[0], expected=old, reason="better")
    before = AliasMove.objects.count(), Outbox.objects.count()

    with pytest.raises(AliasMoved) as refusal:
        promote(third, by=None, comparison=both[1], expected=old)
    assert str(refusal.value).startswith(
        f"pulsar@champion was moved meanwhile: by ana to {new} (better)."
    )
    assert aliases() == {"champion": new, "rollback": old}
    assert (AliasMove.objects.count(), Outbox.objects.count()) == before


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_of_two_people_at_once_one_wins_and_the_other_is_told(tmp_path, person):
    old, new, third = versions(tmp_path)
    wanted = {new: person("admin", "ana"), third: person("admin", "ben")}
    words = {version: judged(version, old) for version in wanted}
    start, told = threading.Barrier(len(wanted)), {}

    def one(version: Version) -> None:
        start.wait()
        try:
            promote(
                version, by=wanted[version], comparison=words[version], expected=old
            )
        except AliasMoved as refusal:
            told[version] = str(refusal)
        connection.close()

    threads = [threading.Thread(target=one, args=[version]) for version in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    winner = aliases()["champion"]
    (loser,) = told
    assert {winner, loser} == set(wanted)
    assert f"by {wanted[winner]} to {winner}" in told[loser]
    assert aliases() == {"champion": winner, "rollback": old}
    assert AliasMove.objects.filter(alias="champion", before=old).count() == 1
