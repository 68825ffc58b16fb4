"""The psrcat format, in which the ATNF pulsar catalogue is served."""

import gzip
import io
import math
import tarfile
import zlib
from pathlib import PurePosixPath
from typing import NamedTuple

from pulsar_ml.catalogue import Pulsar
from pulsar_ml.errors import BadInput
from pulsar_ml.formats import tar_headers

# Version 1.66 has 3 MB; what is thirty times that is no catalogue.
MAX_BYTES = 100 * 2**20
# What comes of archives that make no sense, too.
_RAISED = (
    EOFError,
    OSError,
    OverflowError,
    RecursionError,
    ValueError,
    tarfile.TarError,
    zlib.error,
)
# Of the ecliptic in 2000, degrees (IAU 1976, Lieske et al. 1977, A&A 58, 1).
_OBLIQUITY = math.radians(23.4392911)


class Catalogue(NamedTuple):
    """What a psrcat file holds: its own version, and its pulsars."""

    version: str
    pulsars: list[Pulsar]


def read(content: bytes) -> Catalogue:
    """Read a catalogue as the ATNF serves it.

    Parameters
    ----------
    content : bytes
        Of psrcat.db, or of the .tar.gz that has it inside; gzip alone is fine too.

    Returns
    -------
    Catalogue
        Its pulsars in the file's order.

    Raises
    ------
    BadInput
        If it is damaged, too large, or no such catalogue.
    """
    if content.startswith(b"\x1f\x8b"):
        content = _unpacked(content)
    found = parse(content.decode("utf-8", "replace"))
    if not found.pulsars:
        raise BadInput("holds no pulsars in the format of psrcat.db")
    return found


def parse(text: str) -> Catalogue:
    """Parse the text of a psrcat.db.

    Records are lines ``KEY value [error] [reference]`` and end with ``@---``; split on
    blanks, as the columns have moved between versions. A position given in ecliptic
    coordinates alone is converted, a frequency becomes a period, and what is missing
    stays None (Manchester et al. 2005, AJ 129, 1993).

    Parameters
    ----------
    text : str
        The whole file.

    Returns
    -------
    Catalogue
        Without the records that have no name or no position.
    """
    version, pulsars = "", []
    record: dict[str, str] = {}
    for line in [*text.splitlines(), "@"]:
        if line.startswith("#CATALOGUE"):
            version = line.removeprefix("#CATALOGUE").strip()
        elif line.startswith("@"):
            pulsar = _pulsar(record)
            if pulsar:
                pulsars.append(pulsar)
            record = {}
        elif not line.startswith("#") and len(fields := line.split(None, 2)) > 1:
            record.setdefault(fields[0], fields[1])
    return Catalogue(version, pulsars)


def _pulsar(record: dict[str, str]) -> Pulsar | None:
    name = record.get("PSRJ") or record.get("PSRB", "")
    position = _equatorial(record) or _from_ecliptic(record)
    if not name or not position:
        return None
    frequency = _number(record.get("F0"))
    return Pulsar(
        name,
        record.get("PSRB", ""),
        *position,
        _number(record.get("P0")) or (1 / frequency if frequency else None),
        _number(record.get("DM")),
        _number(record.get("S400")),
        _number(record.get("S1400")),
    )


def _equatorial(record: dict[str, str]) -> tuple[float, float] | None:
    ra, dec = _sexagesimal(record.get("RAJ")), _sexagesimal(record.get("DECJ"))
    return None if ra is None or dec is None else (15 * ra, dec)


def _from_ecliptic(record: dict[str, str]) -> tuple[float, float] | None:
    longitude, latitude = _number(record.get("ELONG")), _number(record.get("ELAT"))
    if longitude is None or latitude is None:
        return None
    lam, beta = math.radians(longitude), math.radians(latitude)
    x = math.cos(beta) * math.cos(lam)
    y = math.cos(beta) * math.sin(lam)
    z = math.sin(beta)
    turned = y * math.cos(_OBLIQUITY) - z * math.sin(_OBLIQUITY)
    dec = math.asin(y * math.sin(_OBLIQUITY) + z * math.cos(_OBLIQUITY))
    return math.degrees(math.atan2(turned, x)) % 360, math.degrees(dec)


# Of "-00:30" the sign stands at the zero; of "04:10" the seconds are not known.
def _sexagesimal(text: str | None) -> float | None:
    if not text:
        return None
    parts = [_number(part) for part in text.lstrip("+-").split(":")]
    if len(parts) > 3 or None in parts:
        return None
    value = sum((part or 0.0) / 60.0**place for place, part in enumerate(parts))
    return -value if text.startswith("-") else value


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _unpacked(content: bytes) -> bytes:
    try:
        with gzip.open(io.BytesIO(content)) as file:
            plain = file.read(MAX_BYTES + 1)
        if len(plain) > MAX_BYTES:
            raise BadInput("unpacks to more than any catalogue")
        if b"ustar" not in plain[257:265]:
            return plain
        with tarfile.open(
            fileobj=io.BytesIO(plain), tarinfo=tar_headers.Careful
        ) as archive:
            for member in archive:
                inside = PurePosixPath(member.name).name == "psrcat.db"
                if inside and (found := archive.extractfile(member)):
                    return found.read()
    except _RAISED as error:
        raise BadInput(f"is a damaged archive: {error}") from error
    raise BadInput("is an archive without a psrcat.db")
