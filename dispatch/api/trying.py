"""What ten rows of a schedule's source come to, with nothing written."""

from math import isfinite
from typing import Any

from ninja import Router, Schema

from accounts.programs.needs import Needs
from accounts.requests import Request
from dispatch import sinks, sources
from dispatch.rehearse import rehearse
from dispatch.views.find import schedule_or_404

router = Router()


class SampleRejectOut(Schema):
    """A row or a file that could not be used, and why."""

    row: int
    file: str
    line: int | None
    column: str
    value: str
    reason: str
    name: str


class RehearsalOut(Schema):
    """What came of it."""

    version: str
    # By the names of their columns.
    rows: list[dict[str, Any]]
    rejects: list[SampleRejectOut]
    # What was decided about the files, and why some are not taken.
    notes: list[str]
    files: list[str]
    waiting: list[str]
    sink_problems: list[str]


@router.post(
    "/schedules/{slug:schedule}/test",
    auth=Needs("dispatch.change_schedule"),
    response=RehearsalOut,
)
def test_schedule(request: Request, schedule: str) -> RehearsalOut:
    """Try it as it is."""
    found = schedule_or_404(schedule)
    source = sources.of(found.source)
    came = rehearse(source, found.reference)
    return RehearsalOut(
        version=str(came.version),
        rows=[{name: _plain(v) for name, v in row.items()} for row in came.rows],
        rejects=[SampleRejectOut(**reject._asdict()) for reject in came.rejects],
        notes=came.notes,
        files=came.files,
        waiting=came.waiting,
        sink_problems=sinks.of(found.sink).look(source),
    )


def _plain(value: Any) -> Any:
    """As JSON has it, which knows no number that is none."""
    return None if isinstance(value, float) and not isfinite(value) else value
