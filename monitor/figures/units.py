"""Values with their units, as people read them."""

import math

from accounts.templatetags.times import THIN_SPACE, duration, grouped

# Values of these read otherwise by their size; the others count something.
MEASURES = ("seconds", "bytes", "share")
_BYTES = ("bytes", "KB", "MB", "GB", "TB", "PB")
_LONG = (86_400, 3_600, 60)


def in_words(value: float, unit: str) -> str:
    """A value, rounded to what can be told apart at a glance."""
    if unit == "seconds":
        return _seconds(value)
    if unit == "bytes":
        step = 1024 ** _power(value)
        return f"{_number(value / step)} {_BYTES[_power(value)]}"
    if unit == "share":
        return f"{_number(100 * value)} %"
    number = _number(value)
    return f"{number} {unit.removesuffix('s') if number == '1' else unit}".rstrip()


def ceiling(value: float, unit: str) -> float:
    """A round value not below this one, for the end of an axis."""
    if value <= 0:
        return 1
    step = _step(value, unit)
    size = 10.0 ** math.floor(math.log10(value / step))
    for times in (1, 2, 3, 5):
        # Divided and multiplied again, it may be a hair above itself.
        if value / step <= times * size * (1 + 1e-9):
            return times * size * step
    return 10 * size * step


def _step(value: float, unit: str) -> int:
    """What the unit is counted in at this size."""
    if unit == "bytes":
        return int(1024 ** _power(value))
    if unit == "seconds":
        return next((long for long in _LONG if value > long), 1)
    return 1


def _power(value: float) -> int:
    size = max(abs(value), 1)
    return min(int(math.log(size, 1024) + 1e-9), len(_BYTES) - 1)


def _seconds(value: float) -> str:
    if abs(value) >= 1 or value == 0:
        return f"{_number(value)} s" if value < 10 else duration(value)
    if abs(value) >= 1e-3:
        return f"{_number(1e3 * value)} ms"
    return f"{_number(1e6 * value)} µs"


def _number(value: float) -> str:
    """Three digits that count; whole numbers whole."""
    if abs(value) >= 100 or value == round(value):
        return grouped(round(value))
    return f"{value:.3g}".replace("e", f"{THIN_SPACE}e")
