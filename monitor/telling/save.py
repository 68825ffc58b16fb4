"""Make a way to tell somebody, change one, remove one; no event holds an address."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from accounts.models import User
from monitor.events import record
from monitor.models import Channel
from monitor.telling.webhook import new_secret

_TOLD = ("name", "on", "least", "night_report")


class ChannelError(Exception):
    """Nothing was changed; the message is meant for the person who wanted it."""


class NameTaken(ChannelError):
    """Another channel has this name."""


class Overtaken(ChannelError):
    """Somebody has changed or removed the channel since it was looked at."""


def create(values: Mapping[str, Any], *, by: User) -> Channel:
    """Make a channel; a webhook has its secret at once."""
    secret = new_secret() if values["kind"] == Channel.Kind.WEBHOOK else ""
    try:
        with transaction.atomic():
            channel = Channel.objects.create(**values, secret=secret)
            told = {"by": channel.kind, **_told(values)}
            record("channel.created", about=f"channel {channel}", who=by, **told)
    except IntegrityError as error:
        raise _taken(values) from error
    return channel


def change(
    channel: Channel, values: Mapping[str, Any], revision: int, *, by: User
) -> None:
    """Change a channel as it was at this revision; an empty address stays."""
    given = {key: value for key, value in values.items() if key != "address" or value}
    before = Channel.objects.get(pk=channel.pk)
    try:
        with transaction.atomic():
            _put(channel, revision, given)
            told = _changed(before, given)
            record("channel.changed", about=f"channel {before}", who=by, **told)
    except IntegrityError as error:
        raise _taken(values) from error


def renew_secret(channel: Channel, *, by: User) -> str:
    """Sign by another secret from now on; whoever has the old one reads no more."""
    secret = new_secret()
    with transaction.atomic():
        _put(channel, channel.revision, {"secret": secret})
        record("channel.changed", about=f"channel {channel}", who=by, secret="another")  # noqa: S106  # says that it is another
    return secret


def remove(channel: Channel, *, by: User) -> None:
    """Forget a channel, and with it what was sent there."""
    with transaction.atomic():
        gone, _ = Channel.objects.filter(pk=channel.pk).delete()
        if not gone:
            raise Overtaken("Somebody has removed this channel already.")
        record("channel.removed", about=f"channel {channel}", who=by)


def _put(channel: Channel, revision: int, values: Mapping[str, Any]) -> None:
    unchanged = Channel.objects.filter(pk=channel.pk, revision=revision)
    if not unchanged.update(**values, revision=F("revision") + 1):
        raise Overtaken("Somebody has changed this channel since you opened it.")


def _changed(before: Channel, values: Mapping[str, Any]) -> dict[str, Any]:
    """What is other than before; of the address, only that it is."""
    told = _told(values).items()
    changed = {name: value for name, value in told if getattr(before, name) != value}
    if values.get("address", before.address) != before.address:
        changed["address"] = "another"
    return changed


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: values[name] for name in _TOLD}


def _taken(values: Mapping[str, Any]) -> NameTaken:
    return NameTaken(f"There is a channel “{values['name']}” already.")
