"""How far the people are with a batch: by word, by person, of its shortlist."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urlencode

from django.db.models import Count, Q

from accounts.models import User
from registry.models.label import Word
from showroom.models import Batch, Verdict
from showroom.verdicts.chosen import ME, shown_of


class Line(NamedTuple):
    """How many verdicts have this in common, and the table's query for their rows."""

    label: str
    n: int
    query: str


class Counted(NamedTuple):
    """The verdicts on a batch that a person sees, and how many they do not."""

    n: int
    hidden: int
    words: list[Line]
    people: list[Line]
    # Of the shortlist: how many rows there are, judged by anybody, and by this person.
    listed: int
    judged: int
    judged_by_me: int

    @property
    def left(self) -> int:
        """How many of the shortlist this person has not judged."""
        return self.listed - self.judged_by_me


def counted(batch: Batch, user: User) -> Counted:
    """Count what is said now; of a blind batch what this person may see."""
    words: Counter[str] = Counter()
    people: Counter[int | None] = Counter()
    mine = 0
    for word, person, is_listed, n in _grouped(batch, user):
        words[word] += n
        people[person] += n
        mine += n if is_listed and person == user.pk else 0
    names = dict(User.objects.filter(pk__in=people).values_list("pk", "username"))
    every = Verdict.objects.current().of_batch(batch).count() if batch.blind else None
    return Counted(
        words.total(),
        (every or words.total()) - words.total(),
        [_line(word, n, verdict=word) for word in Word if (n := words[word])],
        [_of_person(pk, n, names, user) for pk, n in people.most_common()],
        batch.candidates.exclude(shortlisted="").count(),
        _judged(batch),
        mine,
    )


def _grouped(batch: Batch, user: User) -> Iterable[tuple[str, int | None, bool, int]]:
    """How many verdicts there are of each word and person, on the shortlist or not."""
    is_listed = ~Q(candidate__shortlisted="")
    found = shown_of(batch, user).order_by().annotate(is_listed=is_listed)
    grouped = found.values_list("word", "person", "is_listed")
    return grouped.annotate(n=Count("pk"))


def _judged(batch: Batch) -> int:
    """Of how many rows of the shortlist anybody says something."""
    said = Verdict.objects.current().of_batch(batch).exclude(candidate__shortlisted="")
    found: int = said.aggregate(n=Count("candidate", distinct=True))["n"]
    return found


def _of_person(pk: int | None, n: int, names: dict[int, str], user: User) -> Line:
    if pk is None or pk not in names:
        return Line("people who have left", n, "")
    return _line(names[pk], n, judge=ME if pk == user.pk else pk)


def _line(label: str, n: int, **query: object) -> Line:
    return Line(label, n, urlencode(query))
