"""Look-ups in the templates of the Monitor: `{% load monitor_names %}`."""

from collections.abc import Mapping

from django import template

register = template.Library()


@register.filter
def named(names: Mapping[str, str], key: str) -> str:
    """What the mapping says of the key, or nothing."""
    return names.get(key, "")
