"""Have something looked at now, by a process of its own: no page waits for a look."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from monitor.models import Check
from monitor.processes import detached

logger = logging.getLogger(__name__)

# What starting a command and keeping a reading take besides the look.
PATIENCE = timedelta(seconds=5)


def ask(check: Check, by: User | None) -> bool:
    """Start a look at one thing; False when one is under way already."""
    return _ask(Check.objects.filter(pk=check.pk), [check.slug], by)


def ask_all(by: User | None) -> bool:
    """Start a look at everything; False when all of it is under way already."""
    return _ask(Check.objects.all(), [], by)


def _ask(checks: QuerySet[Check], slugs: list[str], by: User | None) -> bool:
    at = timezone.now()
    if not checks.filter(_is_free(at)).update(asked_at=at):
        return False
    detached.start(["look", *slugs])
    who = by.pk if by else None
    logger.info("A look was asked for", extra={"checks": slugs, "who": who})
    return True


def _is_free(at: datetime) -> Q:
    """Nobody has asked, or what he started should long have answered."""
    longest = timedelta(seconds=settings.PULSAR.monitor.deadline_seconds) + PATIENCE
    # One that lies ahead was asked for by a clock that was put back since.
    put_back = Q(asked_at__gt=at + PATIENCE)
    return Q(asked_at=None) | Q(asked_at__lt=at - longest) | put_back
