"""What somebody else changed in a schedule while a form of it was open."""

import json
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from django import forms
from django.utils.datastructures import MultiValueDict

from dispatch import sinks, sources
from dispatch.errors import DispatchError
from dispatch.models import Schedule
from dispatch.schedules.forms import FIELDS, ScheduleForm, stored


class Difference(NamedTuple):
    """A field as it was when the form was opened, as it is now, and in the form."""

    name: str
    label: str
    was: str
    now: str
    mine: str
    # Whether who filled in the form changed it too, and to something else.
    is_touched: bool
    is_quarrel: bool


def differences(
    opened: str, current: Schedule, mine: Mapping[str, Any]
) -> list[Difference]:
    """The fields that others changed; what one sees of them on a page."""
    was, now = _read(opened), stored(current)
    found = []
    for name in FIELDS:
        before = was.get(name)
        if _same(name, before, now[name]):
            continue
        is_touched = not _same(name, before, mine[name])
        found.append(
            Difference(
                name,
                _label(name),
                _words(name, before) if name in was else "",
                _words(name, now[name]),
                _words(name, mine[name]),
                is_touched,
                is_touched and not _same(name, mine[name], now[name]),
            )
        )
    return found


def merged(
    data: Mapping[str, Any], current: Schedule, kept: Collection[str]
) -> dict[str, Any]:
    """What was filled in, with these fields as they are now; it opens anew."""
    again = ScheduleForm(None, start=current)
    fields = [again[name] for name in ("revision", "opened")]
    for name in kept:
        fields += _fields(again, name)
    both = {name: _given(data, name) for name in data}
    # A box without its tick is sent as nothing.
    shown = {field.html_name: field.value() for field in fields}
    return {name: value for name, value in (both | shown).items() if value is not False}


def _given(data: Mapping[str, Any], name: str) -> Any:
    """One value, or all where several were ticked."""
    several = data.getlist(name) if isinstance(data, MultiValueDict) else []
    return several if several[1:] else data[name]


def _fields(form: ScheduleForm, name: str) -> list[forms.BoundField]:
    """What of a form makes a field of a schedule."""
    if name not in ("source", "sink"):
        return [form[name]]
    kinds = form.sources if name == "source" else form.sinks
    return [form[f"{name}_kind"], *(field for kind in kinds for field in kind)]


def _same(name: str, one: Any, other: Any) -> bool:
    """Whether they say the same, be it with defaults or without."""
    return bool(_meant(name, one) == _meant(name, other))


def _meant(name: str, value: Any) -> Any:
    with suppress(DispatchError):
        if name == "source":
            return sources.of(value)
        if name == "sink":
            return sinks.of(value)
    return value


def _read(opened: str) -> dict[str, Any]:
    """It comes back from the browser: whatever it is, it is only shown."""
    try:
        values = json.loads(opened)
    except (ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


def _label(name: str) -> str:
    fields = ScheduleForm.base_fields
    field = fields.get(name) or fields[f"{name}_kind"]
    return str(field.label or name.capitalize())


def _words(name: str, value: Any) -> str:
    meant = _meant(name, value)
    # Settings of another version of the site are shown as they are.
    return meant.words() if hasattr(meant, "words") else str(value)
