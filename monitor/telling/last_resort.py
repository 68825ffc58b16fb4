"""Tell that the database is gone, when nothing that is kept in it can be read.

Alerts, rules and channels are rows. So whoever looks after the site asks first
whether there are rows at all; if not, a copy of the channels must do.
"""

import logging
import os
from datetime import UTC, datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings
from django.db import Error as DatabaseFailed
from django.db import transaction
from django.utils import timezone

from monitor.checks.store import store
from monitor.models import Channel, Check, Delivery, Ping
from monitor.probes import databases
from monitor.probes.reading import Reading
from monitor.probes.scrub import words
from monitor.telling import last_copy, messages
from monitor.telling.last_memory import Memory, Moment, Run, Told, alone
from monitor.telling.messages import Message
from monitor.telling.send import WITHIN, send

logger = logging.getLogger(__name__)

# Seconds: a lock, or a server that starts anew, is no alarm; a recovery must last.
LASTS = 120
AGAIN = 24 * 3600
RETRY = 60
_SLUG = "last-resort"
_CHECK = "database-default"


class Away(Exception):
    """The database does not answer; the message says why."""


def look() -> None:
    """Ask the database and raise Away if it is gone; what lasts is told."""
    root = settings.PULSAR.storage.root
    if not _is_ours(root):
        return
    why = _ask()
    try:
        with alone(root) as memory:
            if memory is not None:
                _remember(memory, why, root)
    # The door of the last resort: nobody's work may end because of it.
    except Exception:
        logger.exception("The last resort is not at hand")
    if why:
        raise Away(f"The database does not answer: {why}")


def _is_ours(root: Path) -> bool:
    """Files that two users write become unreadable to one of them."""
    return not root.exists() or root.stat().st_uid == os.geteuid()


def _ask() -> str:
    """Have a row read and another written; why that cannot be done."""
    reading = databases.look("default")
    if reading.state == Check.State.DOWN:
        return reading.summary
    try:
        Ping.objects.get_or_create(slug=_SLUG)
        Ping.objects.filter(slug=_SLUG).update(succeeded_at=timezone.now())
    except DatabaseFailed as error:
        return f"write: {words(error)}"
    return ""


def _remember(memory: Memory, why: str, root: Path) -> None:
    state, now = memory.state, Moment.now()
    before = state.run
    state.run = _go_on(before, why, now) if why or state.told else None
    # First of all: sending takes its time, and may be the end of this process.
    memory.save()
    if not why:
        last_copy.keep(root)
    if state.told and before and before.why and not why:
        _note(before)
    if state.run and now.since(state.run.since) >= LASTS:
        tell = _tell_away if why else _tell_back
        tell(memory, state.run, last_copy.channels(root), now)
        memory.save()


def _go_on(run: Run | None, why: str, now: Moment) -> Run:
    """The looks in a row with this one."""
    if run and bool(run.why) == bool(why) and now.follows(run.last):
        return Run(since=run.since, last=now, why=why)
    return Run(since=now, last=now, why=why)


def _tell_away(memory: Memory, run: Run, channels: list[Channel], now: Moment) -> None:
    """Tell each once; who could not be reached is tried again, the others in a day."""
    told = memory.state.told
    if told is None or not 0 <= now.since(told.at) < AGAIN:
        since = told.since if told else run.since
        told = memory.state.told = Told(since=since, at=now)
    waiting = [one for one in channels if one.pk not in told.reached]
    message = messages.lost(_time(told.since), _time(told.at), run.why)
    told.reached += _send(memory, told, waiting, message, now)


def _tell_back(memory: Memory, run: Run, channels: list[Channel], now: Moment) -> None:
    """Tell those who know; that it was away is then forgotten."""
    told = memory.state.told
    if told is None:
        return
    waiting = [one for one in channels if one.pk in told.reached]
    message = messages.back(_time(told.since), _time(told.at), _time(run.since))
    done = _send(memory, told, waiting, message, now)
    told.reached = [one.pk for one in waiting if one.pk not in done]
    if not told.reached or now.since(run.since) >= AGAIN:
        memory.state.told = memory.state.run = None


def _send(
    memory: Memory, told: Told, channels: list[Channel], message: Message, now: Moment
) -> list[int]:
    """Send it past the database; the numbers of those who will want it no more."""
    if told.tried and 0 <= now.since(told.tried) < RETRY:
        return []
    told.tried = now
    memory.save()
    done = []
    deliveries = [_delivery(one, message, told) for one in channels]
    for delivery, outcome in send(deliveries, WITHIN):
        if outcome.arrived or outcome.gone:
            done.append(delivery.pk)
        if not outcome.arrived:
            name = delivery.channel.name
            logger.warning("“%s” could not be told: %s", name, outcome.words)
    return done


def _delivery(channel: Channel, message: Message, told: Told) -> Delivery:
    """One that is kept nowhere; tried again it is the same message."""
    kind = message.body["type"]
    name = f"{settings.PULSAR.site.address} {kind} {told.at.wall} {channel.pk}"
    uuid = uuid5(NAMESPACE_URL, name)
    return Delivery(pk=channel.pk, uuid=uuid, channel=channel, **message._asdict())


def _note(run: Run) -> None:
    """Have the silence in the bar of its check, which nobody could write meanwhile.

    Both at once, so that no rule finds it down and tells what is over.
    """
    check = Check.objects.filter(slug=_CHECK).first()
    if check is None:
        return
    silence = Reading(Check.State.DOWN, run.why), _time(run.since)
    answer = Reading(Check.State.UP, "It answers again."), timezone.now()
    with transaction.atomic():
        for reading, at in (silence, answer):
            store(_CHECK, Check.Kind.DATABASE, check.name, reading, check.depends, at)


def _time(moment: Moment) -> datetime:
    return datetime.fromtimestamp(moment.wall, UTC)
