"""Numbers of a card in templates: `{% load registry_card %}`."""

from django import template

from registry.card import numbers

register = template.Library()
register.filter("score", numbers.score)
register.filter("interval", numbers.interval)
register.filter("signed", numbers.signed)
register.filter("change", numbers.change)
register.filter("share", numbers.share)


@register.filter
def percent(value: float) -> str:
    """Along a drawing that is 100 wide."""
    return f"{100 * value:.1f}"


@register.filter
def unlocalized(value: object) -> str:
    """As programs write it."""
    return str(value)


@register.filter
def entry(found: dict[str, object], key: str) -> object:
    """What a mapping has under a key that is itself a value; None where it has not."""
    return found.get(key)
