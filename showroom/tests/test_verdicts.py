"""What people say of candidates, and the labels that come of it."""

import threading

import pytest
from django.db import connection

from registry.models import Label
from registry.models.label import Word
from showroom.models import Verdict
from showroom.tests.conftest import simulate
from showroom.verdicts.give import Said, give
from showroom.verdicts.judged import judged
from showroom.verdicts.undo import redo, undo

pytestmark = pytest.mark.django_db


@pytest.fixture
def forty(batch):
    """Forty scored rows."""
    return batch(40)


def says(person) -> list[tuple[int, str]]:
    """What a person says now, by row."""
    said = Verdict.objects.current().filter(person=person).order_by("candidate__row")
    return list(said.values_list("candidate__row", "word"))


def taught(person) -> list[tuple[int | None, str]]:
    """The person's labels that hold."""
    held = Label.objects.current().filter(person=person).order_by("row")
    return list(held.values_list("row", "verdict"))


def say(batch, row: int, word: str, person, **more) -> list[Verdict]:
    found = judged(batch, [row])
    return give([found[row]], Said(word, **more), by=person)


def test_a_verdict_becomes_a_label_with_the_features_of_its_row(forty, researcher):
    ana = researcher
    [verdict] = say(forty, 10, Word.T1, ana, note="clear")
    label = Label.objects.get()
    assert verdict.candidate.hash == label.hash
    assert label.features == pytest.approx(simulate(40)[9].tolist())
    assert (label.batch, label.row, label.verdict) == (forty.pk, 10, "T1_CAND")
    assert (label.drawn, label.person, label.blind) == ("picked", ana, False)


@pytest.mark.engines
def test_a_change_of_mind_replaces_the_label_and_keeps_what_was_said(forty, researcher):
    ana = researcher
    say(forty, 10, Word.T1, ana)
    say(forty, 10, Word.RFI, ana)
    assert says(ana) == taught(ana) == [(10, "RFI")]
    assert [v.word for v in Verdict.objects.order_by("pk")] == ["T1_CAND", "RFI"]


def test_to_say_the_same_again_is_nothing(forty, researcher):
    ana = researcher
    say(forty, 10, Word.T1, ana)
    assert say(forty, 10, Word.T1, ana) == []
    assert Verdict.objects.count() == 1


@pytest.mark.engines
def test_everything_is_undone_and_redone_step_by_step(forty, researcher):
    ana = researcher
    say(forty, 10, Word.T1, ana)
    say(forty, 20, Word.NOISE, ana)
    say(forty, 10, Word.RFI, ana)
    say(forty, 20, "", ana)
    ends = [
        [(10, "RFI")],
        [(10, "RFI"), (20, "NOISE")],
        [(10, "T1_CAND"), (20, "NOISE")],
        [(10, "T1_CAND")],
        [],
    ]
    for end in ends:
        assert says(ana) == taught(ana) == end
        undo(ana)
    assert undo(ana) == []
    for end in reversed(ends):
        assert says(ana) == taught(ana) == end
        redo(ana)
    assert redo(ana) == []


def test_what_was_undone_is_gone_once_something_else_is_said(forty, researcher):
    ana = researcher
    say(forty, 10, Word.T1, ana)
    undo(ana)
    say(forty, 20, Word.NOISE, ana)
    assert redo(ana) == []
    assert says(ana) == [(20, "NOISE")]


def test_what_was_undone_last_is_what_comes_back(forty, researcher):
    ana = researcher
    say(forty, 10, Word.T1, ana)
    undo(ana)
    say(forty, 20, Word.NOISE, ana)
    undo(ana)
    redo(ana)
    assert says(ana) == taught(ana) == [(20, "NOISE")]
    assert redo(ana) == []


def test_nobody_undoes_what_another_said(forty, researcher, person):
    ana, ben = researcher, person("researcher", "ben")
    say(forty, 10, Word.T1, ana)
    say(forty, 10, Word.RFI, ben)
    undo(ana)
    assert (says(ana), says(ben)) == ([], [(10, "RFI")])
    assert taught(ben) == [(10, "RFI")]


def test_many_said_at_once_are_undone_at_once(forty, researcher):
    ana = researcher
    found = judged(forty, [3, 4, 5])
    give([found[3], found[4], found[5]], Said(Word.RFI), by=ana)
    assert len(undo(ana)) == 3
    assert says(ana) == taught(ana) == []


@pytest.mark.engines
def test_a_label_from_a_file_comes_back_when_the_verdict_is_undone(forty, researcher):
    ana = researcher
    candidate = judged(forty, [10])[10]
    filed = Label.objects.create(
        hash=candidate.hash,
        features=candidate.features,
        verdict=Word.KNOWN,
        drawn=Label.Drawn.IMPORT,
        person=ana,
        at=forty.created_at,
    )
    say(forty, 10, Word.RFI, ana)
    assert taught(ana) == [(10, "RFI")]
    undo(ana)
    assert Label.objects.current().get() == filed
    redo(ana)
    assert taught(ana) == [(10, "RFI")]


def test_a_private_batch_makes_no_labels(forty, researcher):
    ana = researcher
    forty.private = True
    forty.save(update_fields=["private"])
    say(forty, 10, Word.T1, ana)
    assert (says(ana), taught(ana)) == ([(10, "T1_CAND")], [])


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_two_windows_of_one_person_leave_one_verdict(forty, researcher):
    ana = researcher
    candidate = judged(forty, [10])[10]
    words = [Word.T1, Word.T2, Word.RFI, Word.NOISE]

    def one(word: str) -> None:
        give([candidate], Said(word), by=ana)
        connection.close()

    threads = [threading.Thread(target=one, args=[word]) for word in words]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [(row, word)] = says(ana)
    assert (row, Verdict.objects.count()) == (10, 4)
    assert taught(ana) == [(10, word)]


@pytest.mark.engines
@pytest.mark.django_db(transaction=True)
def test_two_people_at_once_each_keep_their_word(forty, researcher, person):
    people = {
        researcher: Word.T1,
        person("researcher", "ben"): Word.RFI,
    }
    rows = [3, 7, 12]

    def judge(who, word: str) -> None:
        # Both may be the first who says something of the row.
        for row in rows:
            say(forty, row, word, who)
        connection.close()

    threads = [threading.Thread(target=judge, args=pair) for pair in people.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for who, word in people.items():
        assert says(who) == taught(who) == [(row, word) for row in rows]
    assert forty.candidates.filter(row__in=rows).count() == 3
    assert Verdict.objects.count() == Label.objects.count() == 6
