"""Whose labels there are, of which surveys, and how many of each."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.db.models import Count

from accounts.models import User
from registry.models import Label
from registry.models.label import PULSARS, LabelQuerySet, Word

# In the order of the index that holds them all.
COUNTED = ("verdict", "person", "survey", "drawn")


class Line(NamedTuple):
    """How many labels have this in common; `value` is what a filter asks for."""

    label: str
    value: str
    n: int


class Filed(NamedTuple):
    """Labels counted in every way; the most frequent first."""

    n: int
    n_pulsars: int
    verdicts: list[Line]
    people: list[Line]
    surveys: list[Line]
    drawn: list[Line]


def filed(labels: LabelQuerySet, user: User) -> Filed:
    """Count those of these labels that a person sees, by one reading of an index."""
    counts: tuple[Counter[Any], ...] = Counter(), Counter(), Counter(), Counter()
    # The index does not know which are hidden: these few are counted by themselves.
    hidden = Label.objects.hidden_from(user).values("pk")
    _count(labels, counts, 1)
    _count(labels.filter(pk__in=hidden), counts, -1)
    verdicts, people, surveys, drawn = (+count for count in counts)
    names = dict(User.objects.filter(pk__in=people).values_list("pk", "username"))
    return Filed(
        verdicts.total(),
        sum(n for verdict, n in verdicts.items() if verdict in PULSARS),
        [Line(v, v, n) for v in Word if (n := verdicts[v])],
        [_line(names.get(pk, "erased"), pk, n) for pk, n in people.most_common()],
        [_line(survey or "none", survey, n) for survey, n in surveys.most_common()],
        [_line(Label.Drawn(how).label, how, n) for how, n in drawn.most_common()],
    )


def _count(labels: LabelQuerySet, counts: tuple[Counter[Any], ...], sign: int) -> None:
    for *values, n in labels.values_list(*COUNTED).annotate(n=Count("pk")):
        for count, value in zip(counts, values, strict=True):
            count[value] += sign * n


def filed_surveys() -> list[str]:
    """Every survey that a label names."""
    return list(_hop("survey", ""))


def filed_people() -> list[tuple[int, str]]:
    """Number and name of everybody who labelled something and was not erased."""
    numbers = list(_hop("person_id", 0))
    found = User.objects.filter(pk__in=numbers).order_by("username")
    return list(found.values_list("pk", "username"))


def _line(label: str, value: object, n: int) -> Line:
    return Line(label, str(value or ""), n)


def _hop(column: str, least: object) -> Iterator[Any]:
    """Each value once, from one to the next by the column's index."""
    rows = Label.objects.order_by(column).values_list(column, flat=True)
    value = rows.filter(**{f"{column}__gt": least}).first()
    while value is not None:
        yield value
        value = rows.filter(**{f"{column}__gt": value}).first()
