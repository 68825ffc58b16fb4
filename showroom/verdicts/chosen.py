"""Which rows of a batch a filter by verdict means, and what is said of rows."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.db.models import Max, Min

from accounts.models import User
from registry.models.label import Word
from showroom.models import Batch, Verdict
from showroom.models.verdict import VerdictQuerySet

# Besides the six words: that there is one, and that there is none.
GIVEN, NONE = "given", "none"
ME = "me"


class Judged(NamedTuple):
    """Numbers of rows, as one text, and whether these are wanted or all others."""

    among: bool
    numbers: str


class Spoken(NamedTuple):
    """What one says of a row oneself, and how many others one sees to judge it."""

    own: str
    others: int


class Agreed(NamedTuple):
    """Row by row: its number, one's own word, and the one on which all agree."""

    rows: str
    own: str
    agreed: str


def shown_of(batch: Batch, user: User) -> VerdictQuerySet:
    """What is said of a batch now, as far as this person sees it."""
    found = Verdict.objects.current().of_batch(batch)
    return found.shown_to(user) if batch.blind else found


def chosen(batch: Batch, user: User, asked: Mapping[str, Any]) -> Judged | None:
    """The rows that a filter by word and person asks for; None where it does not."""
    word, judge = asked["verdict"], asked["judge"]
    if not (word or judge):
        return None
    found = shown_of(batch, user)
    if judge:
        found = found.filter(person=user.pk if judge == ME else int(judge))
    if word in Word.values:
        found = found.filter(word=word)
    rows = found.order_by().values_list("candidate__row", flat=True).distinct()
    # No row has the number 0: an empty list finds nothing.
    return Judged(word != NONE, ",".join(map(str, rows)) or "0")


def spoken(batch: Batch, user: User, numbers: list[int]) -> dict[int, Spoken]:
    """What is said of these rows, where something is."""
    found = shown_of(batch, user).filter(candidate__row__in=numbers)
    said: dict[int, Spoken] = {}
    for row, person, word in found.values_list("candidate__row", "person", "word"):
        own, others = said.get(row, Spoken("", 0))
        mine = person == user.pk
        said[row] = Spoken(word, others) if mine else Spoken(own, others + 1)
    return said


def agreed(batch: Batch, user: User) -> Agreed:
    """Every row of which something is said, for a file."""
    found = shown_of(batch, user).order_by()
    rows = found.values("candidate__row").annotate(
        least=Min("word"), greatest=Max("word")
    )
    mine = dict(found.filter(person=user).values_list("candidate__row", "word"))
    lines = [
        (
            str(row["candidate__row"]),
            mine.get(row["candidate__row"], ""),
            row["least"] if row["least"] == row["greatest"] else "",
        )
        for row in rows
    ]
    columns = zip(*lines, strict=True) if lines else ([], [], [])
    return Agreed(*map(",".join, columns))
