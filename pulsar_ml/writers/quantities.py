"""Metadata whose name plainly says what they are, and in which unit."""

import re
from typing import NamedTuple


class Quantity(NamedTuple):
    """What a column of numbers measures."""

    unit: str
    ucd: str
    description: str


_DM = Quantity("pc.cm-3", "phys.dispMeasure", "Dispersion measure")
_SECONDS = Quantity("s", "time.period", "Period")
_MILLISECONDS = Quantity("ms", "time.period", "Period")
_SNR = Quantity("", "stat.snr", "Signal-to-noise ratio")
_RA = Quantity("deg", "pos.eq.ra;meta.main", "Right ascension")
_DEC = Quantity("deg", "pos.eq.dec;meta.main", "Declination")
_MJD = Quantity("d", "time.epoch", "Modified Julian date")
_PICS = Quantity("", "stat.probability", "Score of another classifier")

# A bare `period` or `ra` is not here: it may as well be in milliseconds, or in hours.
_NAMED = {
    **dict.fromkeys(("dm", "dmopt", "bestdm", "dmbest", "dmpccm3"), _DM),
    **dict.fromkeys(("periods", "p0", "p0s", "periodopts", "periodsec"), _SECONDS),
    **dict.fromkeys(("periodms", "p0ms"), _MILLISECONDS),
    **dict.fromkeys(("snr", "sn", "snfold", "snfft", "foldsnr", "fftsnr"), _SNR),
    **dict.fromkeys(("radeg", "rajdeg", "rajd", "rajdegrees", "radegrees"), _RA),
    **dict.fromkeys(("decdeg", "decjdeg", "decjd", "decdegrees"), _DEC),
    "mjd": _MJD,
}


def named(name: str) -> Quantity | None:
    """Tell by its name what a column measures.

    Parameters
    ----------
    name : str
        As the file has it; case, blanks and punctuation play no part.

    Returns
    -------
    Quantity or None
        None if the name leaves a doubt.
    """
    plain = re.sub(r"[\W_]+", "", name).lower()
    # So CandyJar knows them, whatever model stands behind.
    return _NAMED.get(plain, _PICS if "pics" in plain else None)
