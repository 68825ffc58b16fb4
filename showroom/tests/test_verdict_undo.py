"""Undo and redo from any page: what they would do, what they did, where one goes on."""

import pytest

from showroom.tests.said import post, say, says
from showroom.verdicts.give import Said, give
from showroom.verdicts.judged import judged
from showroom.verdicts.steps import steps

pytestmark = pytest.mark.django_db

UNDO, REDO = "/showroom/verdicts/undo/", "/showroom/verdicts/redo/"


def words(person) -> tuple[str, str]:
    """What the two buttons say."""
    found = steps(person)
    return tuple(step.words if step else "" for step in found)


def test_the_buttons_say_what_they_would_do_and_the_message_what_was_done(
    ana, researcher, listed
):
    where = f"of batch {listed.pk}"
    say(listed, 2, "RFI", researcher)
    say(listed, 2, "", researcher)
    assert words(researcher) == (f"taking RFI back on row 2 {where}", "")
    answer = ana.post(UNDO, {"next": "/showroom/vet/"})
    assert answer.url == "/showroom/vet/"
    told = [str(message) for message in answer.wsgi_request._messages][-1]
    address = f"/showroom/batches/{listed.pk}/rows/2/"
    assert told == f'Undone: <a href="{address}">taking RFI back on row 2 {where}</a>. '
    assert words(researcher) == (
        f"RFI on row 2 {where}",
        f"taking RFI back on row 2 {where}",
    )
    assert says(researcher) == [(2, "RFI")]
    assert ana.post(REDO).url == "/showroom/"
    assert says(researcher) == []


def test_many_at_once_are_one_step(ana, researcher, listed):
    found = judged(listed, [1, 2, 3])
    give(list(found.values()), Said("RFI"), by=researcher)
    assert words(researcher) == (f"3 verdicts on batch {listed.pk}", "")
    ana.post(UNDO)
    assert (says(researcher), words(researcher)[0]) == ([], "")


def test_where_nothing_is_left_that_is_said(ana, client, person, listed):
    assert "Nothing has changed." in map(str, ana.post(UNDO).wsgi_request._messages)
    assert "Nothing has changed." in map(str, ana.post(REDO).wsgi_request._messages)
    assert ana.get(UNDO).status_code == 405
    post(ana, listed, 2, "RFI")
    client.force_login(person("researcher", "ben"))
    client.post(UNDO)
    assert [word for _, word in says(listed.owner)] == ["RFI"]
