"""What may be seen of a channel's address, and what must leave every text."""

import re
from urllib.parse import unquote, urlsplit

from monitor.models import Channel

HIDDEN = "***"
# Shorter parts of an address are words like "api", which give nothing away.
_LONG = 4


def mask(channel: Channel) -> str:
    """Enough of an address to know it again, and not enough to use it."""
    address = channel.address
    if channel.kind == Channel.Kind.MAIL:
        return ", ".join(_mail(one) for one in address.split(", "))
    if channel.kind == Channel.Kind.WEBHOOK:
        parts = urlsplit(address)
        return f"{parts.scheme}://{parts.hostname}/…"
    # What looks like a host in these is a token as often as not.
    return f"{address.partition('://')[0]}://…"


def _mail(address: str) -> str:
    return f"{address[:1]}…@{address.rpartition('@')[2]}"


def scrub(text: str, channel: Channel) -> str:
    """The text without anything of the channel's address that is nobody's business."""
    for part in sorted(_parts(channel), key=len, reverse=True):
        text = re.sub(re.escape(part), HIDDEN, text, flags=re.IGNORECASE)
    return text


def _parts(channel: Channel) -> set[str]:
    """The address, and whatever it is made of, in every form it may be quoted in."""
    if channel.kind == Channel.Kind.MAIL:
        return set(channel.address.split(", "))
    inner = channel.address.partition("://")[2]
    if channel.kind == Channel.Kind.WEBHOOK:
        # The host is shown on the page, and says who did not answer.
        _, at, rest = inner.rpartition("@")
        host, _, path = rest.partition("/")
        host, query, more = host.partition("?")
        inner = f"{inner if at else ''}/{path}{query}{more}".replace(host, "")
    pieces = {channel.address, channel.secret, *re.split(r"[/?&=@:,;#\s]+", inner)}
    pieces |= {unquote(piece) for piece in pieces}
    return {piece for piece in pieces if len(piece) >= _LONG}
