"""Everything that is looked at, what is not well first, and the sum of it in words."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from monitor.checks.stale import is_stale
from monitor.models import Alert, Check, Severity

State = Check.State
Kind = Check.Kind
# What is worst comes first.
_WORST = (State.DOWN, State.GRACE, State.STARTED, State.UP, State.NEW, State.PAUSED)
_WELL = (State.UP, State.STARTED)
# With so many stale readings it is nobody's own fault: nobody looks.
_MANY_STALE = 0.5


class Look(NamedTuple):
    """One check as it was found last."""

    check: Check
    is_stale: bool
    alert: Alert | None

    @property
    def is_asked(self) -> bool:
        """Whether somebody wants a newer reading than there is."""
        asked, looked = self.check.asked_at, self.check.looked_at
        return asked is not None and (looked is None or looked < asked)

    @property
    def is_ill(self) -> bool:
        return self.check.state in (State.DOWN, State.GRACE)

    @property
    def is_doubtful(self) -> bool:
        """Whether it was said to be well so long ago that it may not be."""
        return self.is_stale and self.check.state in _WELL

    @property
    def rank(self) -> tuple[int, bool, bool, str]:
        state = State(self.check.state)
        is_grave = self.alert is not None and self.alert.severity == Severity.CRITICAL
        return _WORST.index(state), not is_grave, not self.is_stale, self.check.name


class Group(NamedTuple):
    """Checks that stand together on the page."""

    slug: str
    title: str
    kinds: tuple[Check.Kind, ...]


GROUPS = (
    Group("hosts", "Hosts", (Kind.HOST,)),
    Group("databases", "Databases", (Kind.DATABASE,)),
    Group("work", "Broker, workers and clock", (Kind.BROKER, Kind.WORKERS, Kind.CLOCK)),
    Group(
        "machine",
        "Storage, machine and outbox",
        (Kind.STORAGE, Kind.MACHINE, Kind.OUTBOX),
    ),
    Group("models", "Models", (Kind.MODEL,)),
)


class Board(NamedTuple):
    """All of it."""

    verdict: str
    # Up, late, down or new: how the verdict is marked.
    mark: str
    ill: list[Look]
    groups: list[tuple[Group, list[Look]]]
    jobs: dict[str, Look]
    # Alerts that are about none of the ill: of figures, or of stale readings.
    alerts: list[Alert]
    # The newest reading, where nearly all of them are old.
    asleep_since: datetime | None
    is_asked: bool
    looked_at: datetime | None


def board(at: datetime) -> Board:
    """Every check, every live alert."""
    looks = every(at)
    stale = [look for look in looks if look.is_stale]
    is_asleep = len(stale) > _MANY_STALE * len(looks)
    ill = [one for one in looks if one.is_ill or (one.is_doubtful and not is_asleep)]
    # The clock itself is looked at by the web process too, while nobody else looks.
    by_clock = stale if is_asleep else looks
    newest = max(
        (o.check.looked_at for o in by_clock if o.check.looked_at), default=None
    )
    told = {look.alert.pk for look in ill if look.alert}
    return Board(
        _verdict(looks),
        _mark(looks, ill),
        ill,
        [(group, _of(group.kinds, looks)) for group in GROUPS],
        {look.check.slug: look for look in _of((Kind.JOB,), looks)},
        [alert for alert in _live() if alert.pk not in told],
        newest if is_asleep else None,
        any(look.is_asked for look in looks),
        newest,
    )


def every(at: datetime) -> list[Look]:
    """All checks, what is worst first."""
    return _looks(Check.objects.all(), at)


def jobs_of(at: datetime) -> dict[str, Look]:
    """The jobs alone, by their slugs."""
    of_jobs = Check.objects.filter(kind=Kind.JOB)
    return {look.check.slug: look for look in _looks(of_jobs, at)}


def look_at(check: Check, at: datetime) -> Look:
    """One check alone."""
    alert = check.alerts.filter(live=True).first() if check.pk else None
    return Look(check, is_stale(check, at), alert)


def _looks(checks: Iterable[Check], at: datetime) -> list[Look]:
    alerts = {alert.subject_id: alert for alert in _live()}
    looks = [Look(check, is_stale(check, at), alerts.get(check.pk)) for check in checks]
    return sorted(looks, key=lambda look: look.rank)


def _live() -> Iterable[Alert]:
    return Alert.objects.filter(live=True).select_related("because").order_by("pk")


def _of(kinds: Sequence[Check.Kind], looks: Iterable[Look]) -> list[Look]:
    """Those of these kinds, in their order, and by name within each."""
    mine = [look for look in looks if look.check.kind in kinds]
    return sorted(
        mine, key=lambda o: (kinds.index(Kind(o.check.kind)), o.rank[0], o.check.name)
    )


def _mark(looks: Sequence[Look], ill: Sequence[Look]) -> str:
    if any(look.check.state == State.DOWN for look in looks):
        return "down"
    if ill or any(look.is_doubtful for look in looks):
        return "late"
    # What nobody has looked at is not well, nor ill.
    return "up" if any(look.check.state in _WELL for look in looks) else "new"


def _verdict(looks: Sequence[Look]) -> str:
    """One calm sentence."""
    of = Counter(map(_word, looks))
    wrong = [
        (of["down"], "down"),
        (of["grace"], "in grace"),
        (of["stale"], "stale"),
    ]
    besides = [(of["paused"], "paused"), (of["new"], "new")]
    aside = _joined(besides)
    if told := _joined(wrong):
        well = f"{of['up']} up" if of["up"] else ""
        return f"{told}; {', '.join(filter(None, [well, aside]))}".removesuffix("; ")
    if not looks:
        return "Nothing has been looked at yet"
    if not of["up"]:
        return f"Nothing is up yet: {aside}"
    every = f"All {of['up']} checks are up" if of["up"] > 1 else "The one check is up"
    return f"{every}; {aside}" if aside else every


def _word(look: Look) -> str:
    if look.is_doubtful:
        return "stale"
    return "up" if look.check.state in _WELL else look.check.state


def _joined(counts: Iterable[tuple[int, str]]) -> str:
    return ", ".join(f"{number} {word}" for number, word in counts if number)
