"""What the columns beside a candidate say of it, by the names that each tool gives."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from pulsar_ml.candidate import Header

# In the order of trust: our own, then as fitted, then as searched (CandyJar, PulsarX).
_PLAIN = {
    "period_s": ("period_s",),
    "pdot": ("pdot",),
    "dm": ("dm", "dm_opt", "dm_new", "dm_user", "dm_usr", "dm_old"),
    "snr": ("snr", "sn_fold", "s/n_new", "s/n", "sn_fft"),
    "ra_deg": ("ra_deg",),
    "dec_deg": ("dec_deg",),
    "mjd": ("mjd", "mjd_start", "date"),
    "tobs_s": ("tobs_s", "tobs"),
}
_SPINS = ("opt", "new", "user", "usr", "old")
_SEXAGESIMAL = re.compile(
    r"([+-]?)(\d{1,3}):(\d{1,2})(?::(\d{1,2}(?:\.\d*)?))?", re.ASCII
)


def header(said: Mapping[str, str]) -> Header:
    """Take what a page shows and the catalogue is asked from a row's columns.

    Parameters
    ----------
    said : mapping of str to str
        Texts by the names of their columns, whose case plays no part.

    Returns
    -------
    Header
        None where nothing is said, or nothing that can be understood: a frequency
        gives the period, and ``ra`` and ``dec`` count where they have colons.
    """
    known = {name.strip().casefold(): value for name, value in said.items()}
    plain: dict[str, Any] = {
        field: _first(known, names) for field, names in _PLAIN.items()
    }
    period, pdot = _spin(known)
    other = Header(
        period_s=period,
        pdot=pdot,
        ra_deg=_angle(known.get("ra", ""), 15, 360),
        dec_deg=_angle(known.get("dec", ""), 1, 90),
        telescope=known.get("telescope", "").strip(),
    )
    return _filled(Header(**plain), other)


def completed(of_file: Header, said: Mapping[str, str]) -> Header:
    """Add what the columns say to what a raw file says of its candidate.

    Parameters
    ----------
    of_file : Header
        Of the raw file; what it says itself holds.
    said : mapping of str to str
        As of `header`.

    Returns
    -------
    Header
        With what the file lacks.
    """
    return _filled(of_file, header(said))


def _filled(first: Header, second: Header) -> Header:
    lacking = {
        field.name: getattr(second, field.name)
        for field in fields(Header)
        if getattr(first, field.name) in (None, "")
    }
    return replace(first, **lacking)


def _spin(known: Mapping[str, str]) -> tuple[float | None, float | None]:
    """Period and derivative of the first frequency that is given."""
    for kind in _SPINS:
        frequency = _number(known, f"f0_{kind}")
        if not frequency or not math.isfinite(1 / frequency):
            continue
        change = _number(known, f"f1_{kind}")
        return 1 / frequency, None if change is None else -change / frequency**2
    return None, None


def _first(known: Mapping[str, str], names: Sequence[str]) -> float | None:
    values = (_number(known, name) for name in names)
    return next((value for value in values if value is not None), None)


def _number(known: Mapping[str, str], name: str) -> float | None:
    try:
        value = float(known.get(name, ""))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _angle(text: str, times: float, most: float) -> float | None:
    found = _SEXAGESIMAL.fullmatch(text.strip())
    if not found:
        return None
    whole, minutes, seconds = (float(part or 0) for part in found.groups()[1:])
    value = times * (whole + minutes / 60 + seconds / 3600)
    if value > most:
        return None
    return -value if found[1] == "-" else value
