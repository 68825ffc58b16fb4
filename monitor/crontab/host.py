"""The host's cron as this site's clock: entered, left, and kept to."""

import os
import pwd
from datetime import datetime
from pathlib import Path

import psutil
from django.conf import settings

from monitor import jobs
from monitor.clock import turn
from monitor.crontab import block, command, lines, place, table
from monitor.crontab.change import Change
from monitor.crontab.errors import BrokenBlock, CrontabError, OtherUser
from monitor.crontab.place import storage
from monitor.crontab.table import File, Program
from monitor.events import record
from monitor.models import Ping

DAEMONS = {"bcron-sched", "cron", "crond", "cronie", "fcron"}


def entering(at: datetime) -> Change:
    """What would put this site's lines, as they should be, into the crontab."""
    if settings.PULSAR.scheduler.mode != "host":
        raise CrontabError(
            "scheduler.mode says that the site's own clock keeps time: set it to host "
            "in the configuration first, and stop the site."
        )
    _refuse_other_user()
    turn.refuse(turn.Holder.me(), at)
    was = Program.found().read()
    jobs.sync()
    tick = command.fitting(lines.tick_line(), "* * * * *", "the tick")
    wanted = lines.with_all(_entered(was) or _embedded(), tick)
    return Change(was, block.put(was, storage(), wanted))


def leaving() -> Change:
    """What would take this site's lines out of the crontab."""
    _refuse_other_user()
    was = Program.found().read()
    return Change(was, block.without(was, storage()))


def enter(change: Change, at: datetime) -> Path:
    """Let the host's cron keep time; the table as it was is in the file returned."""
    backup = _install(change, at)
    _retire(place.file(), at)
    record("crontab.installed", about="crontab", user=_user(os.geteuid()))
    return backup


def leave(change: Change, at: datetime) -> Path:
    """Let the host's cron keep time no more; the own clock begins with its lines."""
    backup = _install(change, at)
    with table.alone(storage()):
        File(place.file()).write(block.encoded(_entered(change.was)))
    ping = Ping.objects.filter(slug=turn.SLUG).exclude(by="").first()
    if ping and turn.Holder.named(ping.by).mode == "host":
        turn.leave(turn.Holder.named(ping.by))
    record("crontab.removed", about="crontab", user=_user(os.geteuid()))
    return backup


def keep_time(at: datetime) -> None:
    """Be the clock for this minute, or raise OtherClock; the tick's part of it."""
    _refuse_other_user()
    holder = turn.Holder.me()
    before = turn.refuse(holder, at)
    was_silent = not before.by or at - (before.succeeded_at or at) >= turn.SILENT
    turn.take(holder, at)
    turn.sign(holder, at, at)
    if was_silent:
        record("clock.started", about=f"clock {holder.mode}", host=holder.host)


def refuse_if_entered() -> None:
    """Keep the embedded clock from running beside lines in the host's crontab."""
    try:
        entered = bool(block.spans(Program.found().read(), storage()))
    except BrokenBlock:
        entered = True
    except CrontabError:
        return  # no cron here, or none for this user
    if entered:
        raise turn.OtherClock(
            "The host's crontab holds this site's lines, so every job would run twice: "
            "take them out with manage.py cron_remove, or set scheduler.mode to host."
        )


def daemon_runs() -> bool:
    """Whether a cron daemon can be seen among the processes."""
    return any(p.info["name"] in DAEMONS for p in psutil.process_iter(["name"]))


def _install(change: Change, at: datetime) -> Path:
    backup = _back_up(change.was, "table", at)
    with table.alone(storage()):
        table.install(Program.found(), change.wanted, change.was)
    return backup


def _retire(embedded: Path, at: datetime) -> None:
    """What the other clock knew stands in our block now, and would grow outdated."""
    if embedded.exists():
        _back_up(embedded.read_bytes(), "embedded", at)
        embedded.unlink()


def _back_up(table: bytes, what: str, at: datetime) -> Path:
    folder = storage() / "backups"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise CrontabError(f"{folder} cannot be made: {error.strerror}.") from error
    path = folder / f"crontab-{what}-{at:%Y%m%dT%H%M%S%fZ}"
    File(path).write(table)
    return path


def _entered(table: bytes) -> str:
    """The text of our first block; a copy of it adds nothing."""
    found = block.spans(table, storage())
    return block.decoded(table[found[0].inner]) if found else ""


def _embedded() -> str:
    """What the other clock knew, so that what is switched off stays so."""
    return block.decoded(File(place.file()).read())


def _refuse_other_user() -> None:
    """Files that two users write become unreadable to one of them."""
    owner, me = storage().stat().st_uid, os.geteuid()
    if owner != me:
        raise OtherUser(
            f"{storage()} belongs to {_user(owner)}, and this is {_user(me)}: site, "
            f"cron and every command must run as {_user(owner)}."
        )


def _user(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"
