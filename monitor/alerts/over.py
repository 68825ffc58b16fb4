"""Whether an alert is over, and by what."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from monitor.alerts.hold import Finding, How
from monitor.alerts.world import World
from monitor.models import Alert

# So long must it be well: what breaks again sooner was not mended.
WELL_SECONDS = 120
# What keeps breaking and mending says so once, and not each time.
CALM_SECONDS = 15 * 60


class Over(NamedTuple):
    """Why an alert is over."""

    words: str
    is_recovery: bool = False


def over(
    alert: Alert, found: Sequence[Finding], rules: Collection[int], world: World
) -> Over | None:
    """What ends it at this time, if anything does."""
    if any(one.how == How.HOLDS for one in found):
        return None
    say = {int(pk) for pk in alert.evidence.get("rules", ())}
    mine = [one for one in found if one.rule.pk in say]
    if not mine:
        return _unwatched(alert, bool(say & set(rules)), world)
    if any(one.how == How.PAUSED for one in mine):
        return Over("It is paused.")
    wanted = CALM_SECONDS if alert.evidence.get("again") else WELL_SECONDS
    if all(one.how == How.WELL and one.lasted >= wanted for one in mine):
        return Over("It is well again.", is_recovery=True)
    return None


def _unwatched(alert: Alert, is_ruled: bool, world: World) -> Over:  # noqa: FBT001
    if not is_ruled:
        return Over("No rule watches it any more.")
    if alert.cause in world.checks:
        return Over("Its rule watches something else now.")
    if alert.cause.startswith("figure "):
        return Over("No value of it has come lately.")
    return Over("It is not looked at any more.")
