"""Values as programs send them, and as they are told them."""

from datetime import UTC, datetime, timedelta

import pytest
from ninja import Schema
from pydantic import TypeAdapter, ValidationError

from accounts.programs.values import Key, Length, Moment, Number, Reason, Seconds, Text


def read(kind: object, value: object) -> object:
    return TypeAdapter(kind).validate_python(value)


class Told(Schema):
    length: Length
    seconds: Seconds
    number: Number


def test_a_moment_of_any_zone_is_one_in_utc():
    found = read(Moment, "2026-11-21T11:02:00+01:00")
    assert (found, found.tzinfo) == (datetime(2026, 11, 21, 10, 2, tzinfo=UTC), UTC)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Moment, "2026-11-21T11:02:00"),
        (Moment, "1970-12-31T23:59:59Z"),
        (Moment, "2200-01-01T00:00:00Z"),
        (Moment, "0001-01-01T00:00:00+14:00"),
        (Moment, "9999-12-31T23:59:59-14:00"),
        (Text, "x\x00"),
        (Text, "x" * 301),
        (Reason, ""),
        (Reason, " \n\t"),
        (Reason, "x\x00"),
        (Key, 0),
        (Key, 2**63),
    ],
)
def test_what_no_database_takes_is_refused(kind, value):
    with pytest.raises(ValidationError):
        read(kind, value)


def test_what_can_be_is_taken_as_it_is():
    assert read(Text, "") == ""
    assert read(Reason, "Größe\n🔭 ") == "Größe\n🔭 "
    assert read(Key, 2**63 - 1) == 2**63 - 1
    assert read(Moment, "1971-01-01T00:00:00Z") == datetime(1971, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (None, None),
        (timedelta(), "PT0S"),
        (timedelta(hours=1, minutes=4), "PT1H4M"),
        (timedelta(days=2, seconds=1.5), "P2DT1.5S"),
    ],
)
def test_a_length_of_time_is_told_as_iso_8601(length, said):
    seconds = None if length is None else length.total_seconds()
    told = Told(length=length, seconds=seconds, number=1).dict()
    assert told == {"length": said, "seconds": said, "number": 1.0}


def test_what_json_has_no_word_for_is_nothing():
    numbers = [read(Number, float(text)) for text in ("nan", "inf", "-0.5")]
    assert numbers == [None, None, -0.5]
