"""Look-ups in the templates of the registry: `{% load registry_names %}`."""

from typing import NamedTuple

from django import template
from django.http import HttpRequest
from django.urls import reverse

register = template.Library()


class Tab(NamedTuple):
    """One page of the registry in its own navigation."""

    label: str
    url: str
    active: bool


# Label and address; the first one's is the beginning of all others, and has the cards.
_TABS = (
    ("Versions", "registry:versions"),
    ("Training", "registry:runs"),
    ("Datasets", "registry:datasets"),
    ("Labels", "registry:labels"),
    ("Sentinels", "registry:sentinels"),
    ("Triggers", "registry:triggers"),
)
# Addresses that belong to a page and do not begin with its own.
_ELSEWHERE = {"Triggers": "/registry/retrainings/"}


@register.inclusion_tag("registry/_tabs.html")
def registry_tabs(request: HttpRequest) -> dict[str, list[Tab]]:
    """The pages of the registry: `{% registry_tabs request %}`."""
    (first, start), *others = [(label, reverse(name)) for label, name in _TABS]
    tabs = [
        Tab(label, url, request.path.startswith((url, _ELSEWHERE.get(label, url))))
        for label, url in others
    ]
    return {"tabs": [Tab(first, start, not any(tab.active for tab in tabs)), *tabs]}
