"""One version at a time is the challenger."""

import pytest

from registry.errors import CannotPromote, NotReady
from registry.models import AliasMove, Version
from registry.promotion.challenge import challenge
from registry.promotion.promote import promote
from registry.tests.promoted import aliases, judged, versions

pytestmark = [pytest.mark.django_db, pytest.mark.engines]


@pytest.fixture
def three(tmp_path):
    return versions(tmp_path)


def test_it_moves_from_wherever_it_was_and_is_said_once(three, person):
    champion, second, third = three
    ana = person("admin", "ana")
    challenge(second, by=ana, reason=" ")
    challenge(third, by=None, reason="trained by night")
    challenge(third, by=None, reason="once more")

    assert aliases() == {"champion": champion, "challenger": third}
    moves = AliasMove.objects.filter(alias="challenger").order_by("pk")
    assert [(m.before, m.after, m.by, m.reason) for m in moves] == [
        (None, second, ana, "Made the challenger."),
        (second, third, None, "trained by night"),
    ]


def test_neither_the_champion_nor_a_quarantined_version_challenges(three):
    champion, second, _ = three
    with pytest.raises(CannotPromote, match=f"{champion} is in production"):
        challenge(champion, by=None, reason="")
    second.registration = Version.Registration.QUARANTINED
    with pytest.raises(NotReady, match=f"{second} is quarantined and never loaded"):
        challenge(second, by=None, reason="")
    assert aliases() == {"champion": champion}


def test_one_that_was_promoted_is_shown_in_production_alone(three):
    champion, second, _ = three
    challenge(second, by=None, reason="")
    assert second.stages == ["Staging"]
    promote(second, by=None, comparison=judged(second, champion), expected=champion)

    # Until another is made challenger, schedules that name it go on with this one.
    assert aliases() == {
        "champion": second,
        "challenger": second,
        "rollback": champion,
    }
    assert Version.objects.get(pk=second.pk).stages == ["Production"]
