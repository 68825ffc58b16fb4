"""A program that comes to a running site with a token."""

import json
import urllib.error
import urllib.request
from typing import Any, NamedTuple

from pulsarsite.tests.site import Site


class Told(NamedTuple):
    """What it was answered."""

    status: int
    body: Any


class Program:
    """Asks the API as a person of this site."""

    def __init__(self, site: Site, user: str) -> None:
        self.site = site
        self.key = site.manage("create_token", user, "--name", "pipeline").strip()

    def ask(self, method: str, path: str, **body: object) -> Told:
        """Send this as JSON; a refusal is an answer, too."""
        request = urllib.request.Request(  # noqa: S310  # our own site
            self.site.url + path,
            json.dumps(body).encode() if body else None,
            {
                "Authorization": f"Bearer {self.key}",
                "Content-Type": "application/json",
            },
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                return Told(answer.status, json.load(answer))
        except urllib.error.HTTPError as refusal:
            return Told(refusal.code, json.load(refusal))
