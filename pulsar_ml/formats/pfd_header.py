"""The part of a PFD before its arrays; from it the exact size of the file follows."""

import re
import struct
from typing import NamedTuple

from pulsar_ml.errors import BadInput

# More than counts, four texts, position and numbers can take.
HEADER_BYTES = 32_768
# A full-size fold (128 parts, 256 sub-bands, 256 bins) has 64 MiB.
MAX_BYTES = 128 * 2**20
N_STATS = 7
# Beyond it products overflow; real numbers of every kind stay below 1e15.
MAX_VALUE = 1e30

_MAX_TEXT = 4096
_FOREIGN = 100_000
_PLACE = re.compile(rb"[+-]?\d\d?:\d\d?:|Unknown")
_ANGLE = re.compile(r"([+-]?)(\d\d?):(\d\d?):(\d\d?(?:\.\d*)?)")
_TEXT = re.compile(rb"[\t\n\r\x20-\x7e\x80-\xff]*")
# More than any prepfold makes; they bound time and memory before anything is computed.
_LIMITS = {
    "trial DMs": (0, 100_000),
    "trial periods": (0, 100_000),
    "trial period derivatives": (0, 100_000),
    "sub-bands": (1, 4096),
    "parts": (1, 65_536),
    "bins": (2, 8192),
    "channels": (1, 2**20),
}
# Sub-bands times bins: what one trial DM takes.
_MAX_PLANE = 2**20


class Counts(NamedTuple):
    """How many there are of each."""

    dms: int
    periods: int
    pdots: int
    subbands: int
    parts: int
    bins: int
    channels: int


class PfdHeader(NamedTuple):
    """What stands before the arrays, and where these begin.

    `order` is that of the bytes for `struct`. Periods are (p, pd), rotation frequencies
    (f, fd); `barycentric` tells in which frame the fold was made.
    """

    order: str
    counts: Counts
    candidate: str
    telescope: str
    ra_deg: float | None
    dec_deg: float | None
    sample_s: float
    topo_mjd: float
    bary_mjd: float
    doppler: float
    low_mhz: float
    channel_mhz: float
    dm: float
    topo: tuple[float, float]
    bary: tuple[float, float]
    folded: tuple[float, float]
    barycentric: bool
    arrays_at: int

    @property
    def size(self) -> int:
        """Of the whole file.

        Returns
        -------
        int
            In bytes, as it follows from the counts.
        """
        c = self.counts
        profiles = c.parts * c.subbands * (c.bins + N_STATS)
        return self.arrays_at + 8 * (c.dms + c.periods + c.pdots + profiles)


def recognises(start: bytes) -> bool:
    """Tell a PFD by its counts and the four texts after them.

    Parameters
    ----------
    start : bytes
        Of a file.

    Returns
    -------
    bool
        Whether it is one.
    """
    try:
        cursor = _Cursor(start)
        counts = Counts(*map(int, cursor.take("7i")))
        cursor.take("5i")
        texts = [cursor.text() for _ in range(4)]
    except BadInput:
        return False
    return min(counts) >= 0 and min(counts[3:6]) > 0 and any(texts)


def parse(start: bytes) -> PfdHeader:
    """Parse the start of a file.

    Parameters
    ----------
    start : bytes
        The first `HEADER_BYTES`, or the whole file if it is shorter.

    Returns
    -------
    PfdHeader
        What stands before the arrays.

    Raises
    ------
    BadInput
        It ends too early, or holds what no observation can have.
    """
    cursor = _Cursor(start)
    counts = Counts(*map(int, cursor.take("7i")))
    _check(counts)
    cursor.take("5i")
    _, candidate, telescope, _ = (cursor.text() for _ in range(4))
    ra, dec = cursor.place()
    sample, _, _, *rest = cursor.take("9d")
    topo_mjd, bary_mjd, doppler, low, channel, dm = rest
    spins = [cursor.take("f4x3d") for _ in range(3)]
    cursor.take("7d")
    (_, *topo), (_, *bary), (power, *folded) = spins
    known = (sample, *rest, *topo, *bary, *folded)
    if (
        not all(abs(value) < MAX_VALUE for value in known)
        or min(sample, folded[0]) < 1 / MAX_VALUE
    ):
        raise BadInput("is damaged: its sample time, epochs or periods are impossible")
    return PfdHeader(
        cursor.order,
        counts,
        candidate,
        telescope,
        None if ra is None else 15 * ra % 360,
        dec,
        sample,
        topo_mjd,
        bary_mjd,
        doppler,
        low,
        channel,
        dm,
        (topo[0], topo[1]),
        (bary[0], bary[1]),
        (folded[0], folded[1]),
        power == 1,
        cursor.at,
    )


class _Cursor:
    """Takes one thing after the other from bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        # PRESTO's own rule: counts that are far too large stand the other way round.
        self.order = "<"
        first = self.take("5i")
        self.order = ">" if any(abs(value) > _FOREIGN for value in first) else "<"
        self.at = 0

    def take(self, what: str) -> tuple[float, ...]:
        """Take numbers, in the notation of `struct`."""
        form = struct.Struct(self.order + what)
        if self.at + form.size > len(self.data):
            raise BadInput("is damaged: it ends within its header")
        values = form.unpack_from(self.data, self.at)
        self.at += form.size
        return values

    def text(self) -> str:
        """Take a text and, before it, its length."""
        (length,) = map(int, self.take("i"))
        end = self.at + length
        if not 0 <= length <= _MAX_TEXT or end > len(self.data):
            raise BadInput("is damaged: it has a text of impossible length")
        raw = self.data[self.at : end]
        self.at = end
        if not _TEXT.fullmatch(raw.rstrip(b"\0")):
            raise BadInput("is damaged: its texts are not text")
        return raw.rstrip(b"\0").decode("latin-1").strip()

    def place(self) -> tuple[float | None, float | None]:
        """Take right ascension in hours and declination in degrees, if any."""
        if not _PLACE.match(self.data, self.at):
            return None, None  # written before PRESTO had these fields
        ra, dec = (
            self.data[begin : begin + 16].partition(b"\0")[0].decode("latin-1")
            for begin in (self.at, self.at + 16)
        )
        self.at += 32
        return _sexagesimal(ra, 24), _sexagesimal(dec, 90)


def _check(counts: Counts) -> None:
    for (name, (least, most)), count in zip(_LIMITS.items(), counts, strict=True):
        if not least <= count <= most:
            raise BadInput(f"says that it has {count} {name}; {least} to {most} can be")
    if counts.subbands * counts.bins > _MAX_PLANE:
        raise BadInput(
            f"has {counts.subbands} sub-bands of {counts.bins} bins; together at most "
            f"{_MAX_PLANE} bins can be read"
        )


def _sexagesimal(text: str, limit: int) -> float | None:
    found = _ANGLE.fullmatch(text.strip())
    if not found:
        return None
    sign, *parts = found.groups()
    whole, minutes, seconds = map(float, parts)
    value = whole + minutes / 60 + seconds / 3600
    if value > limit:
        return None
    return -value if sign == "-" else value
