"""The keys by which one judges: two sets of them, and one's own."""

import pytest

from showroom.vetting import keys
from showroom.vetting.keys import keys_of

pytestmark = pytest.mark.django_db

CANDYJAR = {
    "RFI": "Y",
    "NOISE": "U",
    "T1_CAND": "I",
    "T2_CAND": "O",
    "KNOWN_PSR": "P",
    "NB_PSR": "L",
    "UNCAT": "R",
    "previous": "A",
    "next": "D",
    "undo": "Z",
    "redo": "Shift+Z",
    "note": "N",
    "whole": "Space",
    "help": "?",
}
BINARY = {
    "T1_CAND": "1",
    "RFI": "0",
    "T2_CAND": "?",
    "UNCAT": "R",
    "previous": "A",
    "next": "D",
    "undo": "Z",
    "redo": "Shift+Z",
    "note": "N",
    "whole": "Space",
    "help": "H",
}


def filled(person, **changed: str) -> dict[str, str]:
    """The form as the page has it, with some fields written over."""
    mine = keys_of(person)
    empty = dict.fromkeys(keys.EVERY, "")
    return empty | mine.by_action | {"preset": mine.preset, "advance": "on"} | changed


def test_the_keys_are_those_of_candyjar_until_one_chooses(ana, researcher):
    assert keys_of(researcher) == ("candyjar", CANDYJAR, True)
    ana.post("/showroom/vet/keys/preset/", {"preset": "binary"})
    assert keys_of(researcher) == ("binary", BINARY, True)
    ana.post("/showroom/vet/keys/preset/", {"preset": "qwerty"})
    assert keys_of(researcher).preset == "binary"


def test_one_has_keys_of_ones_own_until_a_set_takes_their_place(ana, researcher):
    wanted = {"RFI": "x", "note": "shift + m", "whole": " ", "help": ""}
    answer = ana.post("/showroom/vet/keys/", filled(researcher, **wanted))
    assert answer.status_code == 302
    own = CANDYJAR | {"RFI": "X", "note": "Shift+M"}
    del own["help"]
    assert keys_of(researcher) == ("candyjar", own, True)
    page = ana.get("/showroom/vet/keys/").content.decode()
    assert "<kbd>X</kbd></dt><dd>RFI: interference" in page
    assert "<kbd>?</kbd>" not in page
    ana.post("/showroom/vet/keys/preset/", {"preset": "candyjar"})
    assert keys_of(researcher) == ("candyjar", CANDYJAR, True)


def test_a_key_for_two_things_is_refused_in_words(ana, researcher):
    answer = ana.post("/showroom/vet/keys/", filled(researcher, RFI="u"))
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "U is also the key of “NOISE: noise”." in text
    assert "U is also the key of “RFI: interference”." in text
    assert keys_of(researcher).by_action == CANDYJAR


@pytest.mark.parametrize("typed", ["Enter", "Tab", "F5", "yy", "Ctrl+Y", "\u200b", "ß"])
def test_what_is_no_key_is_refused_and_ss_is_one(ana, researcher, typed):
    answer = ana.post("/showroom/vet/keys/", filled(researcher, RFI=typed))
    assert answer.status_code == (302 if typed == "ß" else 422)


def test_going_on_by_itself_is_kept_beside_the_keys(ana, researcher):
    ana.post("/showroom/vet/keys/", filled(researcher, RFI="x"))
    ana.post("/showroom/vet/advance/", {"advance": "0"})
    mine = keys_of(researcher)
    assert (mine.by_action["RFI"], mine.advance) == ("X", False)
    ana.post("/showroom/vet/keys/preset/", {"preset": "binary"})
    assert keys_of(researcher).advance is False
