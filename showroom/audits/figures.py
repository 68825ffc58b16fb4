"""What a version was right about, told from the drawn rows that people judged."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
from django.conf import settings
from django.db.models import Count
from django.utils.timezone import now

from pulsar_ml.evaluation.audit import (
    ENOUGH,
    N_STRATA,
    Audited,
    audited,
    needed,
)
from registry.models import Version
from registry.models.label import PULSARS
from showroom.models import Draw, DrawnRow, Verdict

_STRATA = (
    "very low scores",
    "low scores",
    "scores below the threshold",
    "scores above the threshold",
    "very high scores",
)


class Figures(NamedTuple):
    """Of one version: the estimates, or why there are none."""

    version: Version
    # Of so many rows that were drawn so many are judged.
    n_drawn: int
    n: int
    audited: Audited | None
    # Empty where all three are estimated.
    too_few: str


class _Judged(NamedTuple):
    stratum: int
    chance: float
    is_pulsar: bool


def figures(
    versions: Iterable[Version] | None = None, at: datetime | None = None
) -> list[Figures]:
    """Of these versions, or of all from which rows were drawn; the newest first."""
    since = (at or now()) - timedelta(days=settings.PULSAR.audit.days)
    population, drawn = _population(since), _drawn(since)
    judged = _judged(since)
    wanted = Version.objects.filter(pk__in=population)
    if versions is not None:
        wanted = Version.objects.filter(pk__in=[version.pk for version in versions])
    found = wanted.select_related("model").defer("card").order_by("model", "-number")
    nothing = np.zeros(N_STRATA, np.int64)
    return [
        _figures(
            version,
            population.get(version.pk, nothing),
            drawn.get(version.pk, 0),
            judged.get(version.pk, []),
        )
        for version in found
    ]


def _figures(
    version: Version, rows: np.ndarray, n_drawn: int, judged: list[_Judged]
) -> Figures:
    of_stratum = np.array([one.stratum for one in judged], np.intp)
    said = np.array([one.is_pulsar for one in judged], np.int64)
    chance = np.array([one.chance for one in judged], np.float64)
    found = audited(rows, of_stratum, said, chance)
    n = np.bincount(of_stratum, minlength=N_STRATA)
    too_few = "" if found and found.recall else _too_few(rows, n)
    return Figures(version, n_drawn, len(judged), found, too_few)


def _too_few(rows: np.ndarray, n: np.ndarray) -> str:
    if n.sum() < ENOUGH:
        return f"Too few drawn rows are judged: {n.sum()}, of at least {ENOUGH}."
    short = [
        f"{many} of at least {least} with {words}"
        for words, many, least in zip(_STRATA, n, needed(rows), strict=True)
        if many < least
    ]
    if short:
        return f"Too few drawn rows of some scores are judged: {', '.join(short)}."
    return f"None of the {n.sum()} judged rows is a pulsar: the recall is unknown."


def _population(since: datetime) -> dict[int, np.ndarray]:
    """How many rows were there to be drawn, by version and stratum."""
    found: dict[int, np.ndarray] = defaultdict(lambda: np.zeros(N_STRATA, np.int64))
    draws = Draw.objects.counted(since)
    for version, rows in draws.values_list("batch__version", "rows"):
        found[version] += np.array(rows, np.int64)
    return found


def _drawn(since: datetime) -> dict[int, int]:
    drawn = DrawnRow.objects.counted(since).order_by()
    counted = drawn.values_list("draw__batch__version").annotate(n=Count("pk"))
    return dict(counted)


def _judged(since: datetime) -> dict[int, list[_Judged]]:
    """What people say of the drawn rows; where they are at odds, the most of them."""
    drawn = DrawnRow.objects.counted(since)
    rows = drawn.values_list("candidate", "draw__batch__version", "stratum", "chance")
    words = _words(since)
    found: dict[int, list[_Judged]] = defaultdict(list)
    for candidate, version, stratum, chance in rows.order_by("pk"):
        said = words.get(candidate, [])
        yes, no = said.count(True), said.count(False)
        # Of a tie nobody knows what the row is.
        if yes != no:
            found[version].append(_Judged(stratum, chance, yes > no))
    return found


def _words(since: datetime) -> dict[int, list[bool]]:
    """Whether each person says that it is a pulsar, by candidate."""
    drawn = DrawnRow.objects.counted(since).values("candidate")
    said = Verdict.objects.current().filter(candidate__in=drawn).order_by()
    found: dict[int, list[bool]] = defaultdict(list)
    for candidate, word in said.values_list("candidate", "word"):
        found[candidate].append(word in PULSARS)
    return found
