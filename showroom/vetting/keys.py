"""By which keys a person judges: a preset, and what they changed of it."""

import json
import re
from collections.abc import Mapping
from typing import NamedTuple

from accounts.models import Preference, User
from registry.models.label import Word

# What a key can do besides giving a word, in the order of the sheet.
ACTIONS = {
    "UNCAT": "Take my verdict back",
    "previous": "Previous candidate",
    "next": "Next candidate, judge this one later",
    "undo": "Undo",
    "redo": "Redo",
    "note": "Write a note",
    "whole": "Large picture",
    "help": "Show the keys",
}
_HOUSE = {
    "UNCAT": "R",
    "previous": "A",
    "next": "D",
    "undo": "Z",
    "redo": "Shift+Z",
    "note": "N",
    "whole": "Space",
}
_CANDYJAR = {
    Word.RFI: "Y",
    Word.NOISE: "U",
    Word.T1: "I",
    Word.T2: "O",
    Word.KNOWN: "P",
    Word.NEARBY: "L",
    "help": "?",
}
# Three words for those who only say yes, no or perhaps; ? is taken, so H helps.
_BINARY = {Word.T1: "1", Word.RFI: "0", Word.T2: "?", "help": "H"}
PRESETS = {"candyjar": _CANDYJAR | _HOUSE, "binary": _BINARY | _HOUSE}
DEFAULT = "candyjar"
EVERY = (*Word.values, *ACTIONS)

# Keys as they are written down: a character, a letter with Shift, or one of these.
_NAMED = ("Space", "Backspace", "Delete", "Home", "End", "PageUp", "PageDown")
_ARROWS = ("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown")
_NAMES = {name.lower(): name for name in (*_NAMED, *_ARROWS)}
_SHIFTED = re.compile(r"shift\s*\+\s*(.)", re.IGNORECASE)


class Line(NamedTuple):
    """One line of the sheet: what is done, in words, and by which key."""

    action: str
    words: str
    key: str


class Keys(NamedTuple):
    """One person's keys by what they do; an action without a key has none here."""

    preset: str
    by_action: dict[str, str]
    # Whether a verdict leads on to the next candidate.
    advance: bool

    @property
    def lines(self) -> list[Line]:
        """The sheet: the words first."""
        meant = {str(word): f"{word.value}: {word.label}" for word in Word} | ACTIONS
        return [Line(a, meant[a], self.by_action.get(a, "")) for a in EVERY]

    @property
    def json(self) -> str:
        """For the pages' script."""
        return json.dumps(self.by_action)


def keys_of(user: User) -> Keys:
    """What the person chose; what cannot be understood is as if never said."""
    said = Preference.objects.of(user.pk).keys
    preset = said.get("preset", DEFAULT)
    if preset not in PRESETS:
        preset = DEFAULT
    own = {a: key for a, key in said.get("own", {}).items() if a in EVERY}
    by_action = {a: key for a, key in (PRESETS[preset] | own).items() if key}
    return Keys(preset, by_action, advance=bool(said.get("advance", True)))


def keep(user: User, preset: str, chosen: Mapping[str, str], *, advance: bool) -> None:
    """Have these keys; stored is what differs from the preset."""
    usual = PRESETS[preset]
    own = {a: key for a, key in chosen.items() if key != usual.get(a, "")}
    _change(user, preset=preset, own=own, advance=advance)


def take(user: User, preset: str) -> None:
    """Have a preset as it is; whatever was changed of another is forgotten."""
    _change(user, preset=preset, own={})


def go_on(user: User, *, advance: bool) -> None:
    """Have a verdict lead on, or not; the keys stay."""
    _change(user, advance=advance)


def key(text: str) -> str | None:
    """A key as it is written down, of what somebody typed; None if it is none."""
    typed = text.strip()
    if text and not typed:
        return "Space"
    if not typed or typed.lower() in _NAMES:
        return _NAMES.get(typed.lower(), "")
    shifted = _SHIFTED.fullmatch(typed)
    if shifted:
        letter = shifted[1].upper()
        return f"Shift+{letter}" if letter.isalpha() and len(letter) == 1 else None
    return _letter(typed)


def _letter(typed: str) -> str | None:
    # Some letters are two when they are capitals.
    capital = typed.upper() if len(typed.upper()) == 1 else typed
    return capital if len(capital) == 1 and capital.isprintable() else None


def conflicts(chosen: Mapping[str, str]) -> dict[str, list[str]]:
    """The keys that are to do more than one thing, with what."""
    by_key: dict[str, list[str]] = {}
    for action, wanted in chosen.items():
        if wanted:
            by_key.setdefault(wanted, []).append(action)
    return {wanted: actions for wanted, actions in by_key.items() if len(actions) > 1}


def _change(user: User, **values: object) -> None:
    stored = Preference.objects.of(user.pk).keys | values
    Preference.objects.update_or_create(user_id=user.pk, defaults={"keys": stored})
