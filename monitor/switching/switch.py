"""Switches jobs off and on, and leaves one out at its next moment.

The crontab is changed first, then the Switch row is written with its event: should the
process die in between, `notice` finds in the line itself who it was, and why.
"""

import getpass
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from monitor.clock.cron import clock_zone, occurrences
from monitor.crontab import lines
from monitor.crontab.remark import LONGEST_REASON, Remark, plain
from monitor.events import record
from monitor.leases import hold
from monitor.models import Job, Skip, Switch

MENDED = "Its line in the crontab is as it should be again."
TURN_SECONDS = 30
WAIT_SECONDS = 5.0
FAR = timedelta(days=366 * 45)


class SwitchError(Exception):
    """The switch is as it was; the message says why."""


def pause(
    job: Job, *, by: User | None, reason: str, until: datetime | None = None
) -> Switch:
    """Have the clock start this job no more, until a time or until it is resumed."""
    at = timezone.now()
    reason = _fit(reason)
    if not reason:
        raise SwitchError("A pause needs a reason: others will wonder.")
    # The line in the crontab knows minutes.
    until = until and until.replace(second=0, microsecond=0)
    if until and until <= at:
        raise SwitchError("The end of a pause must lie at least a minute ahead.")
    with _my_turn():
        found = _found(job)
        if found.state not in ("on", "edited"):
            raise SwitchError(_already_off(found))
        lines.put_off(job.slug, Remark(_name(by), at, until, reason))
        return write_off(job.slug, _who(by), at=at, until=until, reason=reason)


def resume(job: Job, *, by: User | None, reason: str = "") -> Switch:
    """Have the clock start this job again, by the line that it should have now."""
    at = timezone.now()
    reason = _fit(reason)
    with _my_turn():
        if _found(job).state in ("on", "edited"):
            raise SwitchError(_already_on(job))
        lines.put_on(job.slug)
        return write_on(job.slug, _who(by), at=at, reason=reason)


def mend(job: Job, *, by: User | None) -> None:
    """Make the line of a job what it should be after a hand edit; off stays off."""
    with _my_turn():
        _found(job)
        _mended(by)


def mend_all(*, by: User | None) -> None:
    """Make every line of ours what it should be."""
    with _my_turn():
        if not lines.is_entered():
            raise SwitchError(_not_entered())
        _mended(by)


def _mended(by: User | None) -> None:
    at = timezone.now()
    before = lines.found()
    lines.sync()
    after = lines.found()
    for slug, was in before.items():
        # What was paused when its line went is a pause again, as noted.
        is_on = slug in after and after[slug].state == "on"
        if was.state in ("edited", "missing") and is_on:
            write_edit(slug, _who(by), at=at, on=True, reason=MENDED)


def skip_next(job: Job, *, by: User | None, reason: str = "") -> Skip:
    """Leave this job out at its next moment; wanted twice, it is the same one."""
    if job.sweep:
        raise SwitchError(_no_line(job))
    at = timezone.now()
    slot = next(occurrences(job.cron, at, at + FAR, clock_zone()), None)
    if slot is None:
        raise SwitchError("It has no next moment that could be left out.")
    given = {"who": _who(by), "reason": _fit(reason), "at": at}
    with transaction.atomic():
        skip, made = Skip.objects.get_or_create(job=job.slug, slot=slot, defaults=given)
        if made:
            told = {"slot": slot, "reason": skip.reason}
            record("job.skipped", about=f"job {job}", who=by, **told)
    return skip


def unskip(skip: Skip, *, by: User | None) -> None:
    """Have the job run after all at a moment that was to be left out."""
    if skip.slot <= timezone.now():
        raise SwitchError("That moment has passed; the job was left out at it.")
    with transaction.atomic():
        withdrawn, _ = Skip.objects.filter(pk=skip.pk).delete()
        if withdrawn:
            about = f"job {skip.job}"
            record("job.skip_withdrawn", about=about, who=by, slot=skip.slot)


def last(slug: str, at: datetime | None = None) -> Switch | None:
    """The switch that holds at a time, or now; None if it was never touched."""
    rows = Switch.objects.filter(job=slug)
    if at:
        rows = rows.filter(at__lte=at)
    return rows.order_by("at", "pk").last()


def write_off(
    slug: str, who: str, *, at: datetime, until: datetime | None, reason: str
) -> Switch:
    """Note that a job was paused, as its line in the crontab already says."""
    told = {"until": until, "reason": reason}
    with transaction.atomic():
        record("job.paused", about=f"job {slug}", who=number(who), **told)
        return Switch.objects.create(job=slug, on=False, who=who, at=at, **told)


def write_on(slug: str, who: str, *, at: datetime, reason: str = "") -> Switch:
    """Note that a job was resumed, as its line in the crontab already says."""
    with transaction.atomic():
        record("job.resumed", about=f"job {slug}", who=number(who), reason=reason)
        return Switch.objects.create(job=slug, on=True, who=who, at=at, reason=reason)


def write_edit(
    slug: str,
    who: str,
    *,
    at: datetime,
    on: bool,
    reason: str,
    until: datetime | None = None,
) -> Switch:
    """Note that a job's line was changed, by hand or back to what it should be."""
    told = {"on": on, "until": until, "reason": reason}
    with transaction.atomic():
        record("job.edited", about=f"job {slug}", who=number(who), **told)
        return Switch.objects.create(job=slug, who=who, at=at, **told)


def number(who: str) -> str:
    """Who did it, as events know people; words are no person."""
    return who if who.isdecimal() else ""


@contextmanager
def turn(wait: float) -> Iterator[bool]:
    """One at a time: the crontab and its rows are not left between two people."""
    end = time.monotonic() + wait
    while True:
        with hold("switch", TURN_SECONDS) as held:
            if held or time.monotonic() >= end:
                yield held
                return
        time.sleep(0.05)


@contextmanager
def _my_turn() -> Iterator[None]:
    with turn(WAIT_SECONDS) as held:
        if not held:
            raise SwitchError("Somebody else is switching just now; try again.")
        yield


def _who(by: User | None) -> str:
    return str(by.pk) if by else ""


def _name(by: User | None) -> str:
    return by.get_username() if by else "the site"


def _found(job: Job) -> lines.Found:
    if not lines.is_entered():
        raise SwitchError(_not_entered())
    found = lines.found().get(job.slug)
    if found is None:
        raise SwitchError(_no_line(job))
    return found


def _no_line(job: Job) -> str:
    return f"{job} has no line of its own: it is part of the tick."


def _not_entered() -> str:
    return (
        f"The crontab of {getpass.getuser()} does not hold the lines of this site, "
        "so nothing starts it; manage.py cron_install enters them."
    )


def _already_on(job: Job) -> str:
    before = last(job.slug)
    by = number(before.who) if before and before.on else ""
    name = User.objects.filter(pk=by or 0).values_list("username", flat=True).first()
    return f"It is switched on already{f', by {name}' if name else ''}."


def _already_off(found: lines.Found) -> str:
    if found.remark:
        return f"It is paused already, by {found.remark.who}: {found.remark.reason}"
    if found.state == "off":
        return "It is switched off already, by hand in the crontab."
    return "Its line is gone from the crontab: nothing starts it as it is."


def _fit(reason: str) -> str:
    """A reason as its line will have it, refused where the rest of it would be lost."""
    reason = plain(reason, longest=len(reason))
    if len(reason) > LONGEST_REASON:
        raise SwitchError(f"A reason has at most {LONGEST_REASON} characters.")
    return reason
