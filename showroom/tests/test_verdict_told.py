"""The event log never says what somebody said where others are not to know it."""

import pytest

from monitor.models import Outbox
from showroom.models import Batch
from showroom.tests.said import say
from showroom.verdicts.undo import redo, undo

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("hidden", "word"),
    [({}, "RFI"), ({"blind": True}, None), ({"private": True}, None)],
    ids=["open", "blind", "private"],
)
def test_the_word_stands_in_the_log_where_everybody_sees_it(
    researcher, listed, hidden, word
):
    if hidden:
        Batch.objects.filter(pk=listed.pk).update(**hidden)
    say(Batch.objects.get(pk=listed.pk), 2, "RFI", researcher)
    undo(researcher)
    redo(researcher)

    told = Outbox.objects.filter(kind__startswith="verdict.").order_by("pk")
    assert [(one.kind, one.detail.get("verdict")) for one in told] == [
        (f"verdict.{done}", word) for done in ("given", "undone", "redone")
    ]
