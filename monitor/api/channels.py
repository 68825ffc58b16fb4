"""Channels: the ways to tell somebody, without a word of where they lead."""

from datetime import datetime
from typing import Self

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from ninja import Field, Router, Schema, Status
from ninja.pagination import paginate

from accounts.programs.needs import Needs
from accounts.programs.paging import Pages
from accounts.programs.values import Key, refusal
from accounts.requests import Request
from monitor.models import Channel, Delivery, Severity
from monitor.telling import again, listing, save
from monitor.telling.forms import ChannelForm, NewChannelForm

router = Router()
_looks = Needs("monitor.view_check")
_changes = Needs("monitor.change_channel")


class DeliveryOut(Schema):
    """One message to one channel, and what became of it."""

    id: int
    channel: int
    what: Delivery.What
    alert: int | None
    subject: str
    state: Delivery.State
    created_at: datetime
    tries: int
    # Not before then it is tried again.
    next_at: datetime
    error: str
    sent_at: datetime | None

    @staticmethod
    def resolve_channel(delivery: Delivery) -> int:
        return delivery.channel_id

    @staticmethod
    def resolve_alert(delivery: Delivery) -> int | None:
        return delivery.alert_id


class LastOut(Schema):
    """What became of the last message to a channel."""

    id: int
    what: Delivery.What
    state: Delivery.State
    created_at: datetime
    sent_at: datetime | None
    error: str


class ChannelOut(Schema):
    """A way to tell somebody, and how it fared last."""

    id: int
    name: str
    kind: Channel.Kind
    on: bool
    # From which alerts on it is told.
    least: Severity
    night_report: bool
    revision: int
    last: LastOut | None

    @classmethod
    def of(cls, line: listing.Line) -> Self:
        channel = line.channel
        return cls(
            id=channel.pk,
            name=channel.name,
            kind=Channel.Kind(channel.kind),
            on=channel.on,
            least=Severity(channel.least),
            night_report=channel.night_report,
            revision=channel.revision,
            last=LastOut.from_orm(line.last) if line.last else None,
        )


class ChannelIn(Schema):
    """A channel that is to be made."""

    name: str = Field(min_length=1, max_length=100)
    kind: Channel.Kind
    address: str = Field(min_length=1, max_length=2000)
    least: Severity = Severity.WARNING
    on: bool = True
    night_report: bool = False


class ChannelChange(Schema):
    """A channel as it is to be, after it was at this revision; its kind stays."""

    revision: int = Field(ge=1, le=2**31 - 1)
    name: str = Field(min_length=1, max_length=100)
    address: str = Field("", max_length=2000, description="Empty: it stays as it is.")
    least: Severity
    on: bool
    night_report: bool


@router.get("/channels", auth=_looks, response=list[ChannelOut])
def list_channels(request: Request) -> list[ChannelOut]:
    """All of them by name."""
    return [ChannelOut.of(line) for line in listing.channels()]


@router.post("/channels", auth=Needs("monitor.add_channel"), response={201: ChannelOut})
def create_channel(request: Request, given: ChannelIn) -> Status[ChannelOut]:
    """Make one; nobody is shown its address again."""
    form = NewChannelForm(given.dict())
    if not form.is_valid():
        raise refusal(form)
    made = save.create(form.values(), by=request.user)
    return Status(201, get_channel(request, made.pk))


@router.get("/channels/{channel}", auth=_looks, response=ChannelOut)
def get_channel(request: Request, channel: int) -> ChannelOut:
    """One of them."""
    for line in listing.channels():
        if line.channel.pk == channel:
            return ChannelOut.of(line)
    raise Http404


@router.put("/channels/{channel}", auth=_changes, response=ChannelOut)
def change_channel(request: Request, channel: int, given: ChannelChange) -> ChannelOut:
    """Another name or address; its kind stays."""
    found = get_object_or_404(Channel, pk=channel)
    form = ChannelForm(given.dict(), channel=found)
    if not form.is_valid():
        raise refusal(form)
    save.change(found, form.values(), given.revision, by=request.user)
    return get_channel(request, channel)


@router.delete(
    "/channels/{channel}", auth=Needs("monitor.delete_channel"), response={204: None}
)
def remove_channel(request: Request, channel: int) -> Status[None]:
    """Forget it, and with it what was sent there."""
    save.remove(get_object_or_404(Channel, pk=channel), by=request.user)
    return Status(204, None)


@router.post(
    "/channels/{channel}/test",
    auth=_changes,
    response={202: DeliveryOut},
)
def send_test(request: Request, channel: int) -> Status[Delivery]:
    """Send a message of no weight."""
    return Status(202, again.test(get_object_or_404(Channel, pk=channel)))


@router.get("/deliveries", auth=_looks, response=list[DeliveryOut])
@paginate(Pages)
def list_deliveries(
    request: Request, state: Delivery.State | None = None, channel: Key | None = None
) -> QuerySet[Delivery]:
    """What was sent, the newest first."""
    asked = {"state": state, "channel": channel}
    found = Delivery.objects.defer("text", "html", "body")
    return found.filter(**{k: v for k, v in asked.items() if v is not None})


@router.post(
    "/deliveries/{delivery}/again",
    auth=Needs("monitor.change_alert"),
    response={202: DeliveryOut},
)
def deliver_again(request: Request, delivery: int) -> Status[Delivery]:
    """Try one now, however long it should wait; one that has arrived stays so."""
    found = get_object_or_404(Delivery, pk=delivery)
    again.again(found)
    found.refresh_from_db()
    return Status(202, found)
