"""What every page knows: the site's name, what the viewer may open, how it looks."""

from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

import pulsarsite
from accounts.models import Preference


class Entry(NamedTuple):
    """One word of the navigation."""

    label: str
    url: str
    active: bool


# Label, address, and the right without which it is not shown.
_ENTRIES = (
    ("Home", "home", ""),
    ("Showroom", "showroom:index", "showroom.view_batch"),
    ("Judge", "showroom:vet", "showroom.add_verdict"),
    ("Dispatch", "dispatch:index", "dispatch.view_schedule"),
    ("Registry", "registry:versions", "registry.view_version"),
    ("Monitor", "monitor:index", "monitor.view_check"),
    ("People", "admin:index", "accounts.change_user"),
)


class Site:
    """Asks the database only for what the template really shows."""

    version = pulsarsite.__version__

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.name = settings.PULSAR.site.name

    @cached_property
    def preference(self) -> Preference:
        return Preference.objects.of(self.request.user.pk)

    @cached_property
    def nav(self) -> list[Entry]:
        return list(self._entries()) if self.request.user.is_authenticated else []

    def _entries(self) -> Iterator[Entry]:
        path, may = self.request.path, self.request.user.has_perm
        there = [
            (label, reverse(name)) for label, name, r in _ENTRIES if not r or may(r)
        ]
        # One lies within another: the nearer of them is where one is.
        around = [url for _, url in there if url != "/" and path.startswith(url)]
        here = max(around, key=len, default=path)
        for label, url in there:
            yield Entry(label, url, url == here)


def site(request: HttpRequest) -> dict[str, Site]:
    return {"site": Site(request)}
