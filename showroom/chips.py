"""The filters that are set, each to be taken away alone."""

from collections.abc import Iterator
from typing import NamedTuple

from django.http import QueryDict

from accounts.models import User
from showroom.forms import RANGES
from showroom.verdicts.chosen import GIVEN, ME, NONE

_CLASSES = {"1": "pulsars", "0": "no pulsars"}
_WARNINGS = {"none": "no warning"}
_VERDICTS = {GIVEN: "judged", NONE: "not judged"}
_PLACES = ("after", "before")


class Chip(NamedTuple):
    """A filter in words, and the query of the page without it."""

    words: str
    query: str


def chips(asked: QueryDict) -> list[Chip]:
    """Each filter of a query that the form has found good."""
    found = []
    for words, names in _said(asked):
        left = asked.copy()
        for name in (*names, *_PLACES):
            left.pop(name, None)
        found.append(Chip(words, left.urlencode()))
    return found


def _said(asked: QueryDict) -> Iterator[tuple[str, tuple[str, ...]]]:
    if text := asked.get("text"):
        yield f"name contains “{text}”", ("text",)
    if predicted := asked.get("predicted"):
        yield _CLASSES.get(predicted, predicted), ("predicted",)
    if warning := asked.get("warning"):
        yield _WARNINGS.get(warning, warning), ("warning",)
    if verdict := asked.get("verdict"):
        yield _VERDICTS.get(verdict, verdict), ("verdict",)
    if judge := asked.get("judge"):
        yield f"judged by {_name(judge)}", ("judge",)
    for what, (low, high) in RANGES.items():
        if words := _range(asked.get(low), asked.get(high)):
            yield f"{what} {words}", (low, high)


def _name(judge: str) -> str:
    """Who is meant, in words."""
    if judge == ME:
        return ME
    found = User.objects.filter(pk=judge).values_list("username", flat=True)
    return found.first() or "somebody who has left"


def _range(low: str | None, high: str | None) -> str:
    if low and high:
        return f"from {low} to {high}"
    if low:
        return f"from {low}"
    return f"up to {high}" if high else ""
