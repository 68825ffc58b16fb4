"""Each job's line in our block: in the embedded clock's file or the host's crontab."""

import logging
import os
import subprocess

from django.conf import settings

from accounts.models import User
from monitor import jobs
from monitor.clock.due import enabled
from monitor.crontab import block, command, entries, place, table
from monitor.crontab.change import Change
from monitor.crontab.entries import Found
from monitor.crontab.errors import (
    BrokenBlock,
    CrontabError,
    LostRace,
    NotEntered,
    Unfit,
)
from monitor.crontab.place import change, is_entered, storage
from monitor.crontab.remark import Remark
from monitor.models import Job, Switch

__all__ = [
    "BrokenBlock",
    "CrontabError",
    "Found",
    "LostRace",
    "NotEntered",
    "Remark",
    "Unfit",
    "enter",
    "found",
    "is_entered",
    "mending",
    "put_off",
    "put_on",
    "sync",
]

logger = logging.getLogger(__name__)


def sync() -> None:
    """Give each job its line; who is switched off stays so, and who is gone goes."""
    unfit: list[Unfit] = []

    def new(before: str) -> str:
        # Read here, where no other process changes lines: it may know of newer jobs.
        wanted, problems = _wanted()
        unfit.extend(problems)
        return with_jobs(before, wanted)

    try:
        change(new)
    except NotEntered:
        return  # the page of the clock says so
    if unfit:
        raise unfit[0]


def enter() -> None:
    """Make the embedded clock's block hold the tick, and each job."""
    jobs.sync()
    line = tick_line()
    change(lambda before: with_all(before, line))


def found() -> dict[str, Found]:
    """What the crontab says of each job; nothing where our block is not entered."""
    ours = place.text()
    return {} if ours is None else entries.found(ours, _wanted()[0])


def wanted(slug: str) -> str:
    """The line that `sync` would leave a job; nothing where none can hold it."""
    all_wanted = _wanted()[0]
    after = with_jobs(place.text() or "", all_wanted)
    return entries.found(after, all_wanted).get(slug, Found("missing")).line


def mending() -> Change:
    """The crontab as it is, and as `sync` would leave it."""
    return place.changed(lambda before: with_jobs(before, _wanted()[0]))


def put_on(slug: str) -> None:
    """Give a job the line that its row describes now."""
    change(lambda before: entries.with_line(before, slug, _line(_job(slug))))


def put_off(slug: str, remark: Remark) -> None:
    """Take a job's command out, and leave who did it, when and why."""
    line = remark.line(_job(slug).slug)
    change(lambda before: entries.with_line(before, slug, line))


def with_all(before: str, tick: str) -> str:
    """The text with the tick's line and each job's; what no line can hold is logged."""
    wanted, unfit = _wanted()
    for problem in unfit:
        logger.error("%s", problem)
    return with_jobs(entries.with_tick(before, tick), wanted)


def with_jobs(before: str, wanted: dict[str, str]) -> str:
    """The text with each job's line; one that was off when its line went stays off."""
    known = entries.found(before, wanted)
    missing = [slug for slug in wanted if known[slug].state == "missing"]
    off = {switch.job: switch for switch in _switched_off(missing)}
    remarks = {slug: _remark(off[slug]).line(slug) for slug in off}
    return entries.with_jobs(before, wanted | remarks)


def tick_line() -> str:
    """The tick's line, as django-crontab writes it into an empty draft."""
    draft = storage() / "crontab.draft"
    draft.unlink(missing_ok=True)
    # django-crontab fails half-way when it is talkative and a schedule has changed,
    # and leaves a pipe open: so it is silent, and a process of its own.
    words = ["manage.py", "crontab", "add", "-v", "0", "--skip-checks"]
    add = [str(command.interpreter()), *words]
    environ = {"CONFIG_FILE": str(settings.CONFIG_FILE), "PYTHONUTF8": "1"}
    try:
        subprocess.run(  # noqa: S603  # our own command
            add, cwd=settings.BASE_DIR, env=os.environ | environ, check=True, timeout=60
        )
    except subprocess.SubprocessError as error:
        raise NotEntered(f"django-crontab failed: {error}") from error
    made = block.decoded(table.File(draft).read())
    line = entries.tick(made)
    # It also ends well when it could not write.
    if not any(" crontab run " in found.command for found in enabled(line)):
        raise NotEntered(f"django-crontab left no line for the tick in {draft}.")
    return line


def _wanted() -> tuple[dict[str, str], list[Unfit]]:
    """Each job's line as its row describes it, and the jobs that no line can hold."""
    wanted, unfit = {}, []
    for job in Job.objects.filter(sweep=False).order_by("slug"):
        try:
            wanted[job.slug] = _line(job)
        except Unfit as problem:
            unfit.append(problem)
    return wanted, unfit


def _line(job: Job) -> str:
    started = command.command(settings.BASE_DIR, settings.CONFIG_FILE, job.argv)
    return command.job_line(job.slug, job.cron, started)


def _job(slug: str) -> Job:
    try:
        return Job.objects.get(slug=slug, sweep=False)
    except Job.DoesNotExist:
        raise CrontabError(f"There is no job {slug} with a line of its own.") from None


def _switched_off(slugs: list[str]) -> list[Switch]:
    """The last switch of each job that has one and is off by it."""
    last = {
        row.job: row
        for row in Switch.objects.filter(job__in=slugs).order_by("at", "pk")
    }
    return [switch for switch in last.values() if not switch.on]


def _remark(switch: Switch) -> Remark:
    """What the comment of a pause says, from its row."""
    who = switch.who
    if who.isdecimal():
        names = User.objects.filter(pk=who).values_list("username", flat=True)
        who = names.first() or who
    return Remark(who, switch.at, switch.until, switch.reason)
