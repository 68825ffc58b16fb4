"""A person has a job start at once, beside its moments."""

import os
import pwd
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.templatetags.times import duration
from monitor import people
from monitor.crontab.remark import LONGEST_REASON, plain
from monitor.events import record
from monitor.leases import PUT_BACK
from monitor.models import Job, Lease, Start
from monitor.processes import detached
from monitor.starts import process, vanished
from monitor.starts.watch import BY

# A command has said by then that it is at work, or never will.
BEGINS = timedelta(seconds=30)
# Sooner nobody wants it twice, however short it was.
AGAIN = timedelta(seconds=10)
# What Debian's cron gives to a line.
_PATH = "/usr/bin:/bin"


class NotStarted(Exception):
    """Nothing was started; the message says why."""


def start(job: Job, by: User | None, reason: str = "") -> None:
    """Start the command of its line, whether the clock may start it or not."""
    at = timezone.now()
    if job.sweep:
        raise NotStarted(f"{job} is part of the tick, which comes each minute.")
    _refuse_at_work(job, at)
    told = plain(reason, LONGEST_REASON)
    lease = _lease(job, at)
    with transaction.atomic():
        _be_first(lease, job, by, at)
        record("job.started", about=f"job {job}", who=by, reason=told)
    detached.start([*job.argv, *job.at_once], _environ(by))


def _refuse_at_work(job: Job, at: datetime) -> None:
    for one in vanished.unended():
        # What works elsewhere is believed until it should have finished.
        is_here = one.host == process.here()
        in_time = at - one.at <= timedelta(seconds=job.finish_within)
        if one.job == job.slug and (process.alive(one) if is_here else in_time):
            by = people.by_number([one.by]).get(one.by, one.by) or "the clock"
            raise NotStarted(
                f"{job} has been at work for {duration(at - one.at)}, started by {by}: "
                f"process {one.pid} on {one.host}."
            )


def _lease(job: Job, at: datetime) -> Lease:
    """Who had it start last, and until when that holds others up."""
    # Over long since, also for who looked at the clock before us and comes after.
    name, nobody = f"run {job}"[:64], {"holder": "", "until": at - BEGINS}
    lease, _ = Lease.objects.get_or_create(name=name, defaults=nobody)
    return lease


def _be_first(lease: Lease, job: Job, by: User | None, at: datetime) -> None:
    """Two who press at once start it once; the second is told who was first."""
    unchanged = Lease.objects.filter(
        name=lease.name, holder=lease.holder, until=lease.until
    )
    me = str(by.pk) if by else ""
    if _is_taken(lease, job, at) or not unchanged.update(holder=me, until=at + BEGINS):
        lease.refresh_from_db()
        other = people.by_number([lease.holder]).get(lease.holder, "Somebody")
        raise NotStarted(f"{other} has started {job} a moment ago.")


def _is_taken(lease: Lease, job: Job, at: datetime) -> bool:
    # One that ends much later was taken by a clock that has been put back since; a
    # little later, by who looked at the clock after us and was quicker to write.
    if not at < lease.until <= at + BEGINS + PUT_BACK:
        return False
    pressed = lease.until - BEGINS
    has_begun = Start.objects.filter(job=job.slug, at__gte=pressed).exists()
    return not has_begun or at - pressed < AGAIN


def _environ(by: User | None) -> dict[str, str]:
    """What its line is given by the clock, and who wants it now."""
    who = {BY: str(by.pk)} if by else {}
    if settings.PULSAR.scheduler.mode == "embedded":
        return dict(os.environ) | who
    me = pwd.getpwuid(os.geteuid())
    names = {"HOME": me.pw_dir, "LOGNAME": me.pw_name, "SHELL": "/bin/sh"}
    return {**names, "PATH": _PATH, **who}
