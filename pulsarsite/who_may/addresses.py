"""Every address of the site, as Django's resolver has it.

Those of the API's operations answer each method by a right of its own: operations.py.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver

from pulsarsite.who_may.operations import OPERATIONS


class Address(NamedTuple):
    """One address: its name, its path as people read it, and what stands in it."""

    name: str
    path: str
    pattern: URLPattern


def addresses() -> Iterator[Address]:
    """All pages; one without a name of its own is called by its path."""
    for address in _walk(get_resolver(), "", "/"):
        if address.name.partition(":")[2] not in OPERATIONS:
            yield address


def _walk(resolver: URLResolver, space: str, before: str) -> Iterator[Address]:
    for one in resolver.url_patterns:
        path = before + _readable(str(one.pattern))
        if isinstance(one, URLResolver):
            inner = f"{space}{one.namespace}:" if one.namespace else space
            yield from _walk(one, inner, path)
        else:
            yield Address(space + (one.name or path), path, one)


def _readable(pattern: str) -> str:
    """Without the kinds of what stands in it, and without regular expressions."""
    named = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", pattern).strip("^$")
    return re.sub(r"<\w+:(\w+)>", r"<\1>", named)
