"""A word on a row by its button: kept, refused, and where one goes on."""

import pytest
from django.urls import reverse

from registry.models import Label
from showroom.models import Verdict
from showroom.tests.said import post, say, says, taught

pytestmark = pytest.mark.django_db


def last_message(answer) -> str:
    return [str(message) for message in answer.wsgi_request._messages][-1]


def test_a_button_keeps_the_word_with_note_and_pulsar_and_says_so(
    ana, researcher, listed
):
    answer = post(
        ana,
        listed,
        3,
        "KNOWN_PSR",
        note=" the third\nharmonic 😀 ",
        pulsar="J0332+5434",
        harmonic="1",
        seen="0",
    )
    assert answer.url == f"/showroom/batches/{listed.pk}/rows/3/"
    told = last_message(answer)
    assert f'Said: <a href="{answer.url}">KNOWN_PSR on row 3' in told
    verdict = Verdict.objects.get()
    assert verdict.note == "the third\nharmonic 😀"
    assert (verdict.pulsar, verdict.harmonic) == ("J0332+5434", True)
    assert (verdict.drawn, verdict.order) == ("picked", "")
    assert says(researcher) == taught(researcher) == [(3, "KNOWN_PSR")]


def test_what_cannot_belong_to_a_word_is_left_out(ana, listed):
    post(ana, listed, 3, "RFI", pulsar="J0332+5434", harmonic="1")
    post(ana, listed, 4, "T1_CAND", pulsar="J0332+5434", harmonic="1")
    kept = Verdict.objects.order_by("pk").values_list("pulsar", "harmonic")
    assert list(kept) == [("", False), ("", True)]


def test_uncat_takes_ones_own_back_and_is_never_kept(ana, researcher, listed):
    post(ana, listed, 3, "RFI", note="loud")
    told = last_message(post(ana, listed, 3, "UNCAT", note="loud"))
    assert "taking RFI back on row 3" in told
    assert says(researcher) == taught(researcher) == []
    assert list(Verdict.objects.order_by("pk").values_list("word", "note")) == [
        ("RFI", "loud"),
        ("", ""),
    ]
    assert last_message(post(ana, listed, 3, "UNCAT")) == "Nothing has changed."


def test_a_row_that_the_queue_brought_is_drawn_from_the_queue(ana, listed):
    post(ana, listed, 3, "RFI", order="uncertain")
    verdict = Verdict.objects.get()
    assert (verdict.drawn, verdict.order) == ("queue", "uncertain")
    assert Label.objects.get().drawn == "queue"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"word": ""}, "Say what it is"),
        ({"word": "PULSAR"}, "Say what it is"),
        ({"word": "RFI", "note": "x" * 2001}, "at most 2000 characters"),
        ({"word": "RFI", "note": "a\0b"}, "Null characters"),
        ({"word": "RFI", "order": "backwards"}, "backwards is not one"),
    ],
)
def test_what_is_no_verdict_is_refused_in_words(ana, listed, given, words):
    told = last_message(post(ana, listed, 3, **given))
    assert words in told
    assert not Verdict.objects.exists()


def test_one_goes_on_to_where_one_came_from_within_the_site(ana, listed):
    row = f"/showroom/batches/{listed.pk}/rows/3/"
    for asked, led in (
        ("/showroom/vet/?batch=1", "/showroom/vet/?batch=1"),
        ("https://evil.example/", row),
        ("//evil.example/", row),
        ("/\\evil.example", row),
        ("javascript:alert(1)", row),
        ("elsewhere", row),
    ):
        assert post(ana, listed, 3, "RFI", next=asked).url == led


def test_what_another_window_had_said_is_told_and_the_newest_word_holds(
    ana, researcher, listed
):
    seen = say(listed, 3, "T1_CAND", researcher)[0].pk
    say(listed, 3, "T2_CAND", researcher)
    told = last_message(post(ana, listed, 3, "RFI", seen=seen))
    assert "In another window you had said: T2_CAND." in told
    assert says(researcher) == [(3, "RFI")]
    last = Verdict.objects.latest("pk").pk
    told = last_message(post(ana, listed, 3, "NOISE", seen=last))
    assert "another window" not in told


def test_a_script_is_answered_in_its_own_way(ana, listed):
    address = reverse("showroom:row-verdict", args=[listed.pk, 3])
    json = {"headers": {"accept": "application/json"}}
    said = ana.post(address, {"word": "RFI"}, **json)
    row = f"/showroom/batches/{listed.pk}/rows/3/"
    words = f"RFI on row 3 of batch {listed.pk}"
    assert said.json() == {"did": words, "url": row, "stood": ""}
    undone = ana.post(reverse("showroom:verdict-undo"), **json)
    assert undone.json() == {"did": words, "url": row, "stood": ""}
    wrong = ana.post(address, {"word": "?"}, **json)
    assert (wrong.status_code, list(wrong.json())) == (422, ["error"])


def test_who_may_not_judge_and_what_is_not_there_are_refused(
    ana, client, person, listed
):
    for row in (0, 11, 2**63, 10**25):
        address = f"/showroom/batches/{listed.pk}/rows/{row}/verdict/"
        assert ana.post(address, {"word": "RFI"}).status_code == 404
    assert ana.get(f"/showroom/batches/{listed.pk}/rows/3/verdict/").status_code == 405
    ben = person("researcher", "ben")
    client.force_login(ben)
    listed.private = True
    listed.save(update_fields=["private"])
    assert post(client, listed, 3, "RFI").status_code == 404
    ben.groups.clear()
    assert post(client, listed, 3, "RFI").status_code == 403
    assert not Verdict.objects.exists()
