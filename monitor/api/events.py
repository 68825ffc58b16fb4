"""The event log: page by page, and all that is wanted of it as a file."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID

from django.http import HttpResponseBase, StreamingHttpResponse
from ninja import Field, Query, Router, Schema
from ninja.errors import HttpError, ValidationError

from accounts.programs.needs import Needs
from accounts.programs.paging import PAGE, Pages
from accounts.programs.values import Moment, refusal
from accounts.requests import Request
from monitor import export, history, log_lines, people
from monitor.forms import EventFilter
from monitor.models import Happening

router = Router()
_looks = Needs("monitor.view_event")
_LOST = "The event log cannot be reached; try again in a minute."


class EventOut(Schema):
    """What happened, when, by whom and to what."""

    uuid: UUID
    at: datetime
    kind: str
    about: str
    who: str | None
    detail: Any
    request_id: str
    # Not in the log yet, but on its way there.
    is_waiting: bool

    @classmethod
    def of(cls, event: Happening, name: str | None, *, is_waiting: bool) -> Self:
        return cls(
            uuid=event.uuid,
            at=event.at,
            kind=event.kind,
            about=event.about,
            who=name or None,
            detail=event.detail,
            request_id=event.request_id,
            is_waiting=is_waiting,
        )


class EventPage(Schema):
    """Some events, and where the older ones are."""

    next: str | None
    results: list[EventOut]


class EventsWanted(Schema):
    """Which events are asked for."""

    kind: str = Field("", max_length=64)
    about: str = Field("", max_length=200)
    who: str = Field("", max_length=150, description="A user name.")
    since: Moment | None = None
    until: Moment | None = None

    def wanted(self) -> history.Wanted:
        """As the page's form has it."""
        form = EventFilter(self.dict())
        if not form.is_valid():
            raise refusal(form, "query")
        return form.wanted()


@router.get("/events", auth=_looks, response=EventPage)
def list_events(
    request: Request, wanted: Query[EventsWanted], paging: Query[Pages.Input]
) -> EventPage:
    """The newest first, those on their way to the log among them."""
    size = paging.page_size or PAGE
    page = history.page(wanted.wanted(), _place(paging.cursor), size)
    if not page.reachable:
        raise HttpError(503, _LOST)
    names = people.names(line.event for line in page.lines)
    return EventPage(
        next=_address(request, page.older) if page.older else None,
        results=[
            EventOut.of(event, names.get(event.who), is_waiting=place.waiting)
            for event, place in page.lines
        ],
    )


@router.get(
    "/events.csv",
    auth=_looks,
    openapi_extra={"responses": {"200": {"content": {"text/csv": {}}}}},
)
def get_events_csv(request: Request, wanted: Query[EventsWanted]) -> HttpResponseBase:
    """All that is wanted, as a table; times are UTC."""
    rows = log_lines.table(_lines(wanted), UTC)
    return _file("events.csv", "text/csv; charset=utf-8", export.lines(rows))


@router.get(
    "/events.jsonl",
    auth=_looks,
    openapi_extra={"responses": {"200": {"content": {"application/jsonl": {}}}}},
)
def get_events_jsonl(request: Request, wanted: Query[EventsWanted]) -> HttpResponseBase:
    """All that is wanted, an object a line."""
    told = (
        EventOut.of(event, name, is_waiting=is_waiting).model_dump_json() + "\n"
        for event, is_waiting, name in _lines(wanted)
    )
    return _file("events.jsonl", "application/jsonl", told)


def _lines(wanted: EventsWanted) -> Iterator[log_lines.Named]:
    pages = log_lines.pages(wanted.wanted())
    if pages is None:
        raise HttpError(503, _LOST)
    return log_lines.lines(pages)


def _file(name: str, media_type: str, lines: Iterator[str]) -> HttpResponseBase:
    return StreamingHttpResponse(
        lines,
        content_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _place(cursor: str | None) -> history.Place | None:
    try:
        return history.Place.named(cursor) if cursor else None
    except history.BadPlace as error:
        wrong = {"loc": ["query", "cursor"], "msg": "This is no cursor of ours."}
        raise ValidationError([wrong]) from error


def _address(request: Request, older: history.Place) -> str:
    """Where the next page is, with all else that was asked for."""
    asked = request.GET.copy()
    asked["cursor"] = str(older)
    return request.build_absolute_uri(f"{request.path}?{asked.urlencode()}")
