"""Every example of docs/api.md can be sent as it stands there."""

import re
import shlex
from collections.abc import Iterator
from typing import NamedTuple
from unittest import mock
from urllib.parse import urlsplit

import pytest
import time_machine
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.test.client import MULTIPART_CONTENT, encode_multipart
from django.urls import resolve
from django.utils.timezone import now

from accounts.tokens.make import make
from monitor.processes import detached
from pulsarsite.tests import world
from pulsarsite.tests.operations import filled, words
from showroom.tests.conftest import as_csv, simulate

pytestmark = pytest.mark.django_db

BOUNDARY = "BoUnDaRyStRiNg"
# What is sent along; by its name, or by the end of that.
FILES = {
    "classification.csv": b"beamid,utc,png,classification\n0,2021-01-01,one.png,RFI\n",
    ".csv": as_csv(simulate(3, seed=21)),
}
# Understood, and refused for what is there in a site of tests.
REFUSED = {
    # Nothing of these numbers or of that time is there.
    "GET /api/v1/models/pulsar/aliases/champion?at=2026-11-01T00:00:00Z": 404,
    "POST /api/v1/comparisons": 404,
    "PUT /api/v1/models/pulsar/aliases/champion": 404,
    "GET /api/v1/trainings/compare?training=12&training=13": 404,
    "POST /api/v1/trainings": 422,
    # It is not in a state for that.
    "POST /api/v1/models/pulsar/roll-back": 409,
    "POST /api/v1/triggers/3/press": 409,
    "POST /api/v1/retrainings/5/approve": 409,
    # No folder of this machine is open to schedules.
    "POST /api/v1/schedules": 422,
}


class Example(NamedTuple):
    """What is sent, as curl would."""

    method: str
    where: str
    body: bytes
    kind: str


def examples() -> Iterator[Example]:
    text = (settings.BASE_DIR / "docs" / "api.md").read_text()
    for block in re.findall(r"^```(?:sh|console)?\n(.*?)^```", text, re.M | re.S):
        for command in re.split(r"^(?=curl )", block, flags=re.M):
            if command.startswith("curl "):
                yield example(shlex.split(command, comments=True)[1:])


def example(arguments: list[str]) -> Example:
    method, where, kind, body, form = "", "", "", b"", {}
    rest = iter(arguments)
    for one in rest:
        if one == "--json":
            body, kind = next(rest).encode(), "application/json"
        elif one == "-X":
            method = next(rest)
        elif one == "-F":
            name, _, value = next(rest).partition("=")
            form.setdefault(name, []).append(sent(value))
        elif one in {"-H", "-o"}:
            next(rest)
        elif not one.startswith("-"):
            where = one.removeprefix("$SITE").removeprefix(
                "https://pulsars.example.org"
            )
    if form:
        body, kind = encode_multipart(BOUNDARY, form), MULTIPART_CONTENT
    return Example(method or ("POST" if kind else "GET"), where, body, kind)


def sent(value: str) -> object:
    if not value.startswith("@"):
        return value
    content = next((FILES[end] for end in FILES if value.endswith(end)), b"not ours")
    return SimpleUploadedFile(value[1:], content)


@time_machine.travel("2026-11-21T10:00Z")
def test_each_is_taken_and_understood(monkeypatch):
    monkeypatch.setattr(detached, "start", mock.Mock())
    site = world.build()
    key = make(site.people["admin"], name="", read_only=False, at=now()).key
    program = Client(
        enforce_csrf_checks=True, headers={"Authorization": f"Bearer {key}"}
    )
    there = words(site, "open")
    there |= {"number": there["batch"], "suffix": "csv"}
    told = {}
    for one in examples():
        path, query = urlsplit(one.where)[2:4]
        route = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", f"/{resolve(path).route}")
        where = filled(route, there)
        with transaction.atomic(), transaction.atomic("events"):
            answer = program.generic(
                one.method, f"{where}?{query}", one.body, one.kind or "text/plain"
            )
            for alias in ("default", "events"):
                transaction.set_rollback(True, using=alias)
        told[f"{one.method} {one.where}"] = answer.status_code
    assert {one: status for one, status in told.items() if status >= 400} == REFUSED
    assert len(told) > 55
