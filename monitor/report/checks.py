"""Things and jobs that were down in a night: how often, and how long in all."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from monitor.alerts.words import named
from monitor.models import Alert, Check, Flip
from monitor.report.night import Night
from monitor.report.sections import Cell, Need, Row, Section, Table, count, few

SHOWN = 6
_DOWN = Check.State.DOWN
_HEAD = ("What", "Times", "In all", "At the end")


class _Fall(NamedTuple):
    """How a check did that was down."""

    subject: Check
    times: int
    in_all: timedelta
    is_down: bool


def checks(night: Night) -> Section:
    """What was down at some moment, the longest first."""
    falls = _falls(night)
    still = sum(fall.is_down for fall in falls)
    shown, more = few([_row(fall) for fall in falls], SHOWN, "of them")
    return Section(
        "What was down",
        reverse("monitor:index"),
        told=_told(len(falls), still),
        needs=tuple(_needs(falls, night)),
        facts=(("Were down", len(falls)), ("Are down", still)),
        table=Table(_HEAD, shown, frozenset(_HEAD[1:3]), more) if shown else None,
        empty="Nothing was down.",
    )


def _told(n_falls: int, still: int) -> str:
    if not n_falls:
        return ""
    words = f"{count(n_falls, 'check')} had been down"
    return f"{words}, {still} still {'is' if still == 1 else 'are'}" if still else words


def _needs(falls: Sequence[_Fall], night: Night) -> Iterator[Need]:
    """What is down at the end of it and has no alert, which would say so itself."""
    not_over = Q(live=True) | Q(closed_at__gte=night.until)
    alerts = Alert.objects.filter(not_over, opened_at__lt=night.until)
    told = set(alerts.values_list("subject", flat=True))
    down = {fall.subject.slug: fall.subject for fall in falls if fall.is_down}
    for check in down.values():
        # What another explains is that one's.
        if check.pk not in told and not down.keys() & set(check.depends):
            yield Need(f"{named(check)} is down", check.get_absolute_url())


def _falls(night: Night) -> list[_Fall]:
    flips = {
        number: list(group)
        for number, group in groupby(_flips(night), lambda flip: flip[0])
    }
    fell = Q(pk__in=list(flips)) | Q(before=_DOWN)
    found = [
        _fall(check, night, [(at, state) for _, at, state in flips.get(check.pk, ())])
        for check in _with_state_before(night).filter(fell)
    ]
    return sorted(found, key=lambda fall: (-fall.in_all, fall.subject.slug))


def _flips(night: Night) -> Iterable[tuple[int, datetime, str]]:
    """Each way down and up, by check and in order."""
    between = Flip.objects.filter(at__gte=night.since, at__lt=night.until)
    ways = between.filter(Q(was=_DOWN) | Q(state=_DOWN)).order_by("subject", "at", "pk")
    return ways.values_list("subject", "at", "state")


def _with_state_before(night: Night) -> QuerySet[Check]:
    """Each check and its state at the begin, which the flips around it tell."""
    flips = Flip.objects.filter(subject=OuterRef("pk"))
    last = flips.filter(at__lt=night.since).order_by("-at", "-pk")
    then = flips.filter(at__gte=night.since).order_by("at", "pk")
    before = Coalesce(
        Subquery(last.values("state")[:1]), Subquery(then.values("was")[:1]), "state"
    )
    return Check.objects.annotate(before=before)


def _fall(check: Check, night: Night, ways: list[tuple[datetime, str]]) -> _Fall:
    is_down = check.before == _DOWN  # type: ignore[attr-defined]  # annotated
    times, in_all, since = int(is_down), timedelta(), night.since
    for at, state in [*ways, (night.until, "")]:
        if is_down:
            in_all += at - since
        since = at
        if state:
            is_down = state == _DOWN
            times += is_down
    return _Fall(check, times, in_all, is_down)


def _row(fall: _Fall) -> Row:
    check = fall.subject
    return (
        Cell(check.name, check.get_absolute_url()),
        Cell(fall.times),
        Cell(fall.in_all),
        Cell("down" if fall.is_down else "not down", badge="down" * fall.is_down),
    )
