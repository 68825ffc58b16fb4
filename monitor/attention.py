"""What the first page tells of the monitor: live alerts, and how the checks are."""

from datetime import datetime
from typing import NamedTuple

from monitor.alerts.listing import live
from monitor.checks.board import Look, board
from monitor.models import Alert

# More stand behind the link.
SHOWN = 5


class Attention(NamedTuple):
    """Causes that are not over, and one sentence over all checks."""

    verdict: str
    # Up, late, down or new.
    mark: str
    alerts: list[Alert]
    # What is not well and has no alert yet.
    ill: list[Look]
    more: int


def attention(at: datetime) -> Attention:
    """The worst few of each; what another alert explains is told by that one."""
    now = board(at)
    alerts = [line.alert for line in live() if not line.depth]
    ill = [look for look in now.ill if look.alert is None]
    more = sum(max(0, len(rows) - SHOWN) for rows in (alerts, ill))
    return Attention(now.verdict, now.mark, alerts[:SHOWN], ill[:SHOWN], more)
