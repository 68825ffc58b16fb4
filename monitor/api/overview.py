"""Is all well, and if not, what is wrong: one sentence."""

from datetime import datetime
from typing import Literal

from django.utils import timezone
from ninja import Router, Schema

from accounts.programs.needs import Needs
from accounts.requests import Request
from monitor.checks.board import Board, board

router = Router()


class OverviewOut(Schema):
    """The first line of the Monitor."""

    verdict: str
    mark: Literal["up", "late", "down", "new"]
    # The slugs of what is not well, the worst first.
    ill: list[str]
    # The numbers of live alerts that are about none of these.
    alerts: list[int]
    looked_at: datetime | None
    # The newest reading, where nearly all of them are old: nobody looks.
    asleep_since: datetime | None
    is_asked: bool

    @staticmethod
    def resolve_ill(found: Board) -> list[str]:
        return [look.check.slug for look in found.ill]

    @staticmethod
    def resolve_alerts(found: Board) -> list[int]:
        return [alert.pk for alert in found.alerts]


@router.get("/overview", auth=Needs("monitor.view_check"), response=OverviewOut)
def get_overview(request: Request) -> Board:
    """Everything at a glance."""
    return board(timezone.now())
