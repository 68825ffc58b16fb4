"""How the switch of a job stands, and who moved it, for programs."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Self

from ninja import Schema

from accounts.programs.values import Moment, Reason, Text
from monitor import people
from monitor.clock.cron import Occurrence
from monitor.models import Skip, Switch


class SwitchOut(Schema):
    """That a job was switched on or off."""

    on: bool
    at: datetime
    # A user name; nobody's where it was the end of a pause, or a hand edit.
    by: str | None
    reason: str
    until: datetime | None

    @classmethod
    def of(cls, switch: Switch, names: Mapping[str, str]) -> Self:
        return cls(
            on=switch.on,
            at=switch.at,
            by=names.get(switch.who),
            reason=switch.reason,
            until=switch.until,
        )


class SkipOut(Schema):
    """That a job is left out at one coming moment."""

    id: int
    slot: datetime
    by: str | None
    reason: str
    at: datetime

    @classmethod
    def of(cls, skip: Skip, names: Mapping[str, str]) -> Self:
        return cls(
            id=skip.pk,
            slot=skip.slot,
            by=names.get(skip.who),
            reason=skip.reason,
            at=skip.at,
        )


class ComingOut(Schema):
    """A coming moment, in UTC and by the clock, and what its night does to it."""

    at: datetime
    local: str
    mark: str
    said: str
    is_left_out: bool

    @classmethod
    def of(cls, slot: Occurrence, left_out: Collection[datetime]) -> Self:
        return cls(
            at=slot.at,
            local=slot.iso,
            mark=slot.mark,
            said=slot.said,
            is_left_out=slot.at in left_out,
        )


class PauseIn(Schema):
    """Why a job is to rest, and until when."""

    reason: Reason
    until: Moment | None = None


class WhyIn(Schema):
    """Why, for others; it may be left out."""

    reason: Text = ""


def skip_out(skip: Skip) -> SkipOut:
    """One alone, with the name of whoever wanted it."""
    return SkipOut.of(skip, people.names([skip]))
