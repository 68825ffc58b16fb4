"""The sentences that prove an outcome."""

from datetime import UTC, datetime

from accounts.models import User
from accounts.templatetags.times import duration
from dispatch.models import Run, Slot
from monitor.models import Skip, Switch

LONGEST = 500


def clock_time(at: datetime) -> str:
    """A moment in evidence, which every reader should understand alike."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def started(slot: Slot, at: datetime) -> str:
    """How late a start was, after what was known of the slot before."""
    late = max(0.0, (at - slot.at).total_seconds())
    return fit(f"{slot.evidence} Started {duration(late)} after its time.")


def was_open(run: Run) -> str:
    """Which run stood in the way."""
    return f"Run {run.pk} was open since {clock_time(run.created_at)}."


def run_stands(run: Run, slot: Slot) -> str:
    """Which run served another slot too."""
    return f"Run {run.pk} of the slot of {clock_time(slot.at)} stands for it."


def slot_stands(at: datetime) -> str:
    """Which slot is run instead of another."""
    return f"The slot of {clock_time(at)} stands for it."


def paused(switch: Switch) -> str:
    """Who paused the job, when and why."""
    words = f"Paused by {_name(switch.who)} {clock_time(switch.at)}"
    return fit(f"{words}: {switch.reason}" if switch.reason else f"{words}.")


def left_out(skip: Skip) -> str:
    """Who wanted this one slot left out, and why."""
    words = f"Left out by {_name(skip.who)}"
    return fit(f"{words}: {skip.reason}" if skip.reason else f"{words}.")


def fit(text: str) -> str:
    """As much as its column holds."""
    text = text.strip()
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def _name(who: str) -> str:
    if not who.isdecimal():
        return who or "the site"
    name = User.objects.filter(pk=who).values_list("username", flat=True).first()
    return name or f"number {who}"
