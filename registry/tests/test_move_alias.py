"""An alias is moved by one person at a time."""

import pytest

from monitor.models import Outbox
from registry.errors import AliasMoved
from registry.models import Alias, AliasMove, Comparison, Model, Version
from registry.move_alias import move_alias

pytestmark = [pytest.mark.django_db, pytest.mark.engines]


@pytest.fixture
def versions():
    model = Model.objects.create(name="pulsar")
    return [
        Version.objects.create(model=model, number=n, sha256=f"{n:064}", card={})
        for n in (1, 2, 3)
    ]


def test_an_alias_goes_from_version_to_version_with_history(versions, person):
    first, second, _ = versions
    ana = person("admin", "ana")
    move_alias("champion", first, expected=None, reason="shipped")
    move_alias("champion", second, expected=first, reason="better", by=ana)

    assert Alias.objects.get().version == second
    moves = AliasMove.objects.order_by("pk")
    assert [(m.before, m.after, m.by, m.reason) for m in moves] == [
        (None, first, None, "shipped"),
        (first, second, ana, "better"),
    ]
    event = Outbox.objects.filter(kind="alias.moved").latest("pk")
    assert (event.about, event.who, event.detail) == (
        "pulsar/2",
        str(ana.pk),
        {"alias": "champion", "before": 1, "reason": "better"},
    )


@pytest.mark.parametrize("expected", [None, 0])
def test_who_comes_second_is_told_who_and_what_and_changes_nothing(
    versions, person, expected
):
    first, second, third = versions
    ana = person("admin", "ana")
    move_alias("champion", first, expected=None, reason="shipped")
    move_alias("champion", second, expected=first, reason="better", by=ana)
    seen = None if expected is None else versions[expected]

    with pytest.raises(AliasMoved) as refusal:
        move_alias("champion", third, expected=seen, reason="mine")
    assert str(refusal.value) == (
        "pulsar@champion was moved meanwhile: by ana to pulsar/2 (better). Nothing was "
        "changed; look again, then decide."
    )
    assert Alias.objects.get().version == second
    assert AliasMove.objects.count() == 2


def test_an_alias_that_is_not_where_it_was_seen_is_left_alone(versions):
    with pytest.raises(AliasMoved, match="is not where it was expected"):
        move_alias("shadow", versions[1], expected=versions[0], reason="mine")
    assert not Alias.objects.exists()


def test_what_the_gate_said_and_who_went_past_it_stays_with_the_move(versions):
    first, second, _ = versions
    said = Comparison.objects.create(
        candidate=second, champion=first, outcome=Comparison.Outcome.REFUSED
    )
    move_alias("champion", first, expected=None, reason="shipped")
    move_alias(
        "champion",
        second,
        expected=first,
        reason="x" * 600,
        comparison=said,
        is_override=True,
    )

    move = AliasMove.objects.latest("pk")
    assert (move.comparison, move.is_override, move.reason) == (said, True, "x" * 500)
    event = Outbox.objects.filter(kind="alias.moved").latest("pk")
    assert (event.detail["comparison"], event.detail["override"]) == (said.pk, True)
