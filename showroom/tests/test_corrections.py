"""What programs say that predictions should have been, and what comes of it."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.template.loader import render_to_string
from django.utils.timezone import now

from monitor.models import Outbox
from registry.models import Label
from registry.tests.triggered import trigger_row
from registry.triggers.kinds import find
from showroom.corrections.correct import Expected, correct
from showroom.models import Correction, Verdict
from showroom.tests.said import say, says, taught
from showroom.verdicts.judged import judged
from showroom.verdicts.undo import redo, undo
from showroom.verdicts.visibility import open_to_all

pytestmark = pytest.mark.django_db


def expects(batch, row: int, person, expected, *more) -> Correction:
    """Let somebody's program say what a row is."""
    said = Expected(bool(expected), *more)
    return correct(judged(batch, [row])[row], said, by=person)[0]


def revisions(person) -> list[tuple]:
    found = Correction.objects.filter(by=person).order_by("pk")
    return list(found.values_list("revision", "expected", "confidence", "current"))


@pytest.mark.engines
def test_a_correction_becomes_a_label_by_the_api(listed, researcher):
    correction, is_new = correct(
        judged(listed, [3])[3], Expected(True, 0.9, "sharp"), by=researcher
    )
    label = Label.objects.get()
    correction.verdict.refresh_from_db()
    assert is_new
    assert (label.batch, label.row, label.drawn) == (listed.pk, 3, "api")
    assert (label.verdict, label.person) == ("T1_CAND", researcher)
    assert label == correction.verdict.label
    assert correction.verdict.note == "sharp"
    assert label.features == correction.candidate.features
    assert says(researcher) == taught(researcher) == [(3, "T1_CAND")]


@pytest.mark.engines
def test_a_changed_one_is_another_revision_and_takes_the_place_of_the_label(
    listed, researcher
):
    expects(listed, 3, researcher, 1, 0.1)
    expects(listed, 3, researcher, 0, 0.7)
    assert revisions(researcher) == [(1, True, 0.1, None), (2, False, 0.7, True)]
    assert taught(researcher) == [(3, "RFI")]
    assert Label.objects.count() == 2


@pytest.mark.engines
def test_the_same_again_makes_nothing(listed, researcher):
    candidate, said = judged(listed, [3])[3], Expected(True, 0.1, "loud")
    first = correct(candidate, said, by=researcher)
    again = correct(candidate, said, by=researcher)
    assert (first, again) == ((first[0], True), (first[0], False))
    assert Correction.objects.count() == Verdict.objects.count() == 1
    assert Outbox.objects.filter(kind="correction.received").count() == 1


def test_what_was_said_before_the_last_is_a_revision_again(listed, researcher):
    for expected in (1, 0, 1):
        expects(listed, 3, researcher, expected)
    assert [revision for revision, *_ in revisions(researcher)] == [1, 2, 3]


def test_another_confidence_is_a_revision_and_the_label_stays(listed, researcher):
    expects(listed, 3, researcher, 1, 0.1)
    expects(listed, 3, researcher, 1, 0.2)
    assert [revision for revision, *_ in revisions(researcher)] == [1, 2]
    assert Label.objects.count() == Verdict.objects.count() == 1


def test_each_person_has_revisions_of_their_own(listed, researcher, person):
    ben = person("researcher", "ben")
    expects(listed, 3, researcher, 1)
    expects(listed, 3, ben, 0)
    assert revisions(researcher) == [(1, True, None, True)]
    assert revisions(ben) == [(1, False, None, True)]


def test_a_better_word_said_by_hand_stays(listed, researcher):
    [verdict] = say(listed, 3, "KNOWN_PSR", researcher, pulsar="B1919+21")
    correction = expects(listed, 3, researcher, 1)
    assert correction.verdict == verdict
    assert taught(researcher) == [(3, "KNOWN_PSR")]
    expects(listed, 3, researcher, 0)
    assert says(researcher) == taught(researcher) == [(3, "RFI")]


def test_what_is_said_by_hand_later_holds(listed, researcher):
    expects(listed, 3, researcher, 1)
    say(listed, 3, "NOISE", researcher)
    assert says(researcher) == taught(researcher) == [(3, "NOISE")]
    # To repeat the correction changes nothing of that.
    expects(listed, 3, researcher, 1)
    assert taught(researcher) == [(3, "NOISE")]


def test_undo_takes_back_what_was_said_by_hand_alone(listed, researcher):
    say(listed, 4, "NOISE", researcher)
    expects(listed, 3, researcher, 1)
    undo(researcher)
    assert says(researcher) == taught(researcher) == [(3, "T1_CAND")]
    assert undo(researcher) == []


def test_what_a_program_has_corrected_since_is_not_undone(listed, researcher):
    say(listed, 3, "NOISE", researcher)
    undo(researcher)
    expects(listed, 3, researcher, 1)
    assert redo(researcher) == []
    say(listed, 3, "RFI", researcher)
    expects(listed, 3, researcher, 1, 0.5)
    assert undo(researcher) == []
    assert says(researcher) == taught(researcher) == [(3, "T1_CAND")]


def test_a_private_batch_makes_no_labels_until_it_is_opened(listed, researcher):
    listed.private = True
    listed.save(update_fields=["private"])
    expects(listed, 3, researcher, 1)
    assert taught(researcher) == []
    [event] = Outbox.objects.filter(kind="correction.received")
    assert event.detail == {"revision": 1}
    open_to_all(listed, by=researcher)
    assert taught(researcher) == [(3, "T1_CAND")]


def test_it_is_told_once_as_a_correction(listed, researcher):
    expects(listed, 3, researcher, 1)
    [event] = Outbox.objects.filter(kind__regex="^(correction|verdict)")
    assert (event.kind, event.who) == ("correction.received", str(researcher.pk))
    assert event.about == f"prediction {listed.pk}-3"
    assert event.detail == {"revision": 1, "expected": 1, "predicted": 0}


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_programs_that_correct_at_once_leave_revisions_in_a_row(listed, researcher):
    candidate = judged(listed, [3])[3]
    confidences = [0.1, 0.2, 0.3, 0.4]

    def one(confidence: float) -> None:
        correct(candidate, Expected(confidence > 0.2, confidence), by=researcher)
        connection.close()

    threads = [threading.Thread(target=one, args=[value]) for value in confidences]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = Correction.objects.order_by("revision")
    assert list(found.values_list("revision", "current")) == [
        (1, None),
        (2, None),
        (3, None),
        (4, True),
    ]
    last = found.last()
    assert taught(researcher) == [(3, "T1_CAND" if last.expected else "RFI")]


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_the_same_sent_twice_at_once_is_kept_once(listed, researcher):
    candidate, said = judged(listed, [3])[3], Expected(True)
    is_new = []

    def one() -> None:
        is_new.append(correct(candidate, said, by=researcher)[1])
        connection.close()

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(is_new) == [False, False, True]
    assert Correction.objects.count() == 1


@pytest.mark.engines
@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"revision": 1, "current": None}, {"revision": 1, "current": True}),
        ({"revision": 1, "current": True}, {"revision": 2, "current": True}),
    ],
)
def test_the_database_keeps_revisions_apart(listed, researcher, first, second):
    more = {
        "candidate": judged(listed, [3])[3],
        "by": researcher,
        "expected": True,
        "at": listed.created_at,
    }
    Correction.objects.create(**first, **more)
    with pytest.raises(IntegrityError), transaction.atomic():
        Correction.objects.create(**second, **more)


def test_a_trigger_that_waits_for_labels_counts_those_of_corrections(
    listed, researcher
):
    trigger = trigger_row("labels")
    for row in (1, 2):
        expects(listed, row, researcher, 1)
    # A later revision takes the place of the former label.
    expects(listed, 2, researcher, 0)
    assert find(trigger, now()).figures == {"new": 2, "wanted": 3}
    expects(listed, 3, researcher, 0)
    assert find(trigger, now()).reason == "3 labels are new; 3 were wanted."


def test_a_row_and_the_list_of_verdicts_show_it(ana, listed, researcher):
    say(listed, 4, "KNOWN_PSR", researcher)
    told = "correction by the API, confidence 0.875"
    for row in (3, 4):
        correction = expects(listed, row, researcher, 1, 0.5, "sharp & loud")
        correction = expects(listed, row, researcher, 1, 0.875, "sharp & loud")
        context = {"verdict": correction.verdict}
        text = render_to_string("showroom/_verdict_more.html", context)
        assert told in text
        # A comment that is the verdict's note is not told twice.
        assert text.count("sharp &amp; loud") == 1
    page = ana.get(f"/showroom/batches/{listed.pk}/verdicts/").content.decode()
    assert page.count(told) == 2
