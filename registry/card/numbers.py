"""Numbers of a card as people read them."""

from collections.abc import Mapping

NOTHING = "\u2013"


def score(value: float | None) -> str:
    """A score or a threshold: small ones keep their digits."""
    if value is None:  # of a version that is quarantined
        return NOTHING
    return f"{value:.4f}" if value >= 0.01 else f"{value:#.3g}"


def share(value: float) -> str:
    """A share as per cent, with the digits that can matter: 94 %, 3.7 %, 0.06 %."""
    digits = 0 if value >= 0.1 else 1 if value >= 0.01 else 2
    return f"{round(100 * value, digits):g}\u202f%"


def count(number: float | None) -> str:
    """17 898, with a space that does not break."""
    if number is None:
        return NOTHING
    return f"{number:,}".replace(",", "\u202f")


def signed(number: int) -> str:
    """A difference: +12, −3, +0."""
    return f"\u2212{count(-number)}" if number < 0 else f"+{count(number)}"


def change(difference: float, digits: int = 3) -> str:
    """By how much a figure differs: +0.012, −0.047, 0.000."""
    text = f"{difference:+z.{digits}f}".replace("-", "\u2212")
    return text.removeprefix("+") if not float(f"{difference:.{digits}f}") else text


def figure(found: Mapping[str, float | None] | None, digits: int = 4) -> str:
    """A figure with its interval: 0.9372 (0.911 to 0.962)."""
    if not found or found.get("value") is None:
        return NOTHING
    text = f"{found['value']:z.{digits}f}".replace("-", "\u2212")
    between = interval(found)
    return f"{text} ({between})" if between else text


def interval(found: Mapping[str, float | None] | None) -> str:
    """Its ends alone; nothing where there is none, or it has no width."""
    low, high = (found.get("low"), found.get("high")) if found else (None, None)
    if low is None or high is None or low == high:
        return ""
    return f"{low:z.3f} to {high:z.3f}".replace("-", "\u2212")
