"""Values as programs send them, bounded as databases are, and as they are told them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import isfinite
from typing import Annotated, Any

from django import forms
from ninja import Field
from ninja.errors import ValidationError
from pydantic import AfterValidator, AwareDatetime, PlainSerializer, TypeAdapter

# Nothing here happened before, and nothing is planned for after.
_FIRST, _LAST = (datetime(year, 1, 1, tzinfo=UTC) for year in (1971, 2200))
# No database keeps the character 0 in a text.
_TEXT = r"^[^\x00]*$"
_LENGTH = TypeAdapter(timedelta)


def _in_utc(at: datetime) -> datetime:
    """The same moment; at the ends of the calendar a zone leads out of it."""
    if not _FIRST <= at < _LAST:
        raise ValueError("say a moment of the years 1971 to 2199")
    return at.astimezone(UTC)


def _finite(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None


def iso(length: timedelta | float | None) -> str | None:
    """PT1H4M; of a number, so many seconds."""
    if length is None:
        return None
    whole = length if isinstance(length, timedelta) else timedelta(seconds=length)
    return str(_LENGTH.dump_python(whole, mode="json"))


Text = Annotated[str, Field(max_length=300, pattern=_TEXT)]
# Others will wonder: it is not left empty.
Reason = Annotated[
    str, Field(min_length=1, max_length=300, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$")
]
# Of a row, as the widest column has it.
Key = Annotated[int, Field(ge=1, le=2**63 - 1)]
Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
# What JSON has no word for is nothing.
Number = Annotated[float | None, AfterValidator(_finite)]
# As ISO 8601 has it; kept as such, or as seconds.
Length = Annotated[timedelta | None, PlainSerializer(iso, return_type=str | None)]
Seconds = Annotated[float | None, PlainSerializer(iso, return_type=str | None)]


def refusal(form: forms.BaseForm, where: str = "body") -> ValidationError:
    """What a form of the pages has against it, field by field."""
    return ValidationError(list(_wrong(form, where)))


def _wrong(form: forms.BaseForm, where: str) -> Iterator[dict[str, Any]]:
    for field, errors in form.errors.items():
        for error in errors:
            yield {"loc": [where, field], "msg": str(error)}
