"""Production goes back to the version before; no gate is asked."""

import pytest

from registry.errors import AliasMoved, CannotPromote, NotReady
from registry.models import AliasMove
from registry.promotion.promote import promote
from registry.promotion.roll_back import roll_back
from registry.tests.promoted import aliases, judged, versions

pytestmark = pytest.mark.django_db


@pytest.fixture
def three(tmp_path):
    """The first was champion, the second is, the third never was."""
    first, second, third = versions(tmp_path)
    promote(second, by=None, comparison=judged(second, first), expected=first)
    return first, second, third


@pytest.mark.engines
def test_the_version_before_is_back_and_can_be_left_again(three, person):
    first, second, _ = three
    ana = person("admin", "ana")
    model = first.model
    assert roll_back(model, by=ana, reason="misses", expected=second) == first
    assert aliases() == {"champion": first, "rollback": second}
    last = AliasMove.objects.order_by("-pk")[:2]
    assert [(m.alias, m.before, m.after, m.by, m.reason) for m in last] == [
        ("rollback", first, second, ana, "misses"),
        ("champion", second, first, ana, "misses"),
    ]

    assert roll_back(model, by=ana, reason=" ", expected=first) == second
    assert aliases() == {"champion": second, "rollback": first}
    assert AliasMove.objects.latest("pk").reason == "Rolled back."


@pytest.mark.engines
def test_two_who_roll_back_the_same_version_do_it_once(three):
    first, second, _ = three
    roll_back(first.model, by=None, reason="misses", expected=second)
    with pytest.raises(AliasMoved, match=r"by the site to .* \(misses\)"):
        roll_back(first.model, by=None, reason="me too", expected=second)
    assert aliases() == {"champion": first, "rollback": second}


def test_where_nothing_was_before_there_is_no_way_back(tmp_path):
    first, *_ = versions(tmp_path)
    with pytest.raises(CannotPromote, match="pulsar has no earlier version"):
        roll_back(first.model, by=None, reason="", expected=first)
    assert aliases() == {"champion": first}


def test_a_version_that_cannot_answer_is_not_gone_back_to(three):
    first, second, _ = three
    (first.folder / "model.onnx").unlink()
    with pytest.raises(NotReady, match=f"{first} cannot answer"):
        roll_back(first.model, by=None, reason="", expected=second)
    assert aliases() == {"champion": second, "rollback": first}
