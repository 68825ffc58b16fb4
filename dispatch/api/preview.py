"""When a schedule with these times would run."""

from django.utils import timezone
from ninja import Field, Query, Router, Schema
from ninja.errors import ValidationError

from accounts.programs.needs import Needs
from accounts.requests import Request
from monitor.api.switch_out import ComingOut
from monitor.clock.cron import BadCron, check, clock_zone, upcoming, words

router = Router()


class CronWanted(Schema):
    """Five fields, as in a crontab."""

    cron: str = Field(max_length=120)


class CronOut(Schema):
    """The times in words, and the next ones."""

    cron: str
    words: str
    tz: str | None
    next_runs: list[ComingOut]


@router.get("/cron", auth=Needs("dispatch.add_schedule"), response=CronOut)
def preview_cron(request: Request, wanted: Query[CronWanted]) -> CronOut:
    """A look ahead, before a schedule is made."""
    try:
        cron = check(wanted.cron)
    except BadCron as error:
        wrong = {"loc": ["query", "cron"], "msg": str(error)}
        raise ValidationError([wrong]) from error
    slots = upcoming(cron, timezone.now(), clock_zone())
    return CronOut(
        cron=cron,
        words=words(cron),
        tz=clock_zone().key,
        next_runs=[ComingOut.of(slot, ()) for slot in slots],
    )
