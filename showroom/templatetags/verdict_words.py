"""Verdicts in the templates: `{% load verdict_words %}`."""

from collections.abc import Mapping
from typing import Any

from django import template

from registry.models.label import Word

register = template.Library()
# The names of the colours of the words; see "Verdicts" in site.css.
_TONES = {
    Word.T1: "t1",
    Word.T2: "t2",
    Word.KNOWN: "known",
    Word.NEARBY: "near",
    Word.RFI: "rfi",
    Word.NOISE: "noise",
}


@register.inclusion_tag("showroom/_word.html")
def verdict_word(word: str) -> dict[str, str]:
    """A word as a badge that says what it means: `{% verdict_word word %}`."""
    found = Word(word)
    return {"word": found.value, "means": found.label, "tone": _TONES[found]}


@register.filter
def tone(word: str) -> str:
    """The class of a word's colour: `{{ word|tone }}`."""
    return f"word-{_TONES[Word(word)]}"


@register.filter
def of_row(found: Mapping[int, Any], row: int) -> Any:
    """What is known of a row, by its number: `{{ own|of_row:candidate.row }}`."""
    return found.get(row)
