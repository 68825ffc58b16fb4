"""Name, place and time of a simulated candidate."""

from typing import NamedTuple

from numpy.random import Generator


class Place(NamedTuple):
    """What a file says of a candidate besides its data; J2000, degrees, MJD."""

    name: str
    ra_deg: float
    dec_deg: float
    mjd: float


def place(name: str, rng: Generator) -> Place:
    """Draw a place in the southern sky and a time.

    Parameters
    ----------
    name : str
        Of the candidate.
    rng : Generator
        Of both.

    Returns
    -------
    Place
        Between declinations of -80 and 10 degrees, from 2008 on.
    """
    ra_deg, dec_deg, mjd = rng.uniform([0, -80, 54_600], [360, 10, 56_700])
    return Place(name, round(ra_deg, 6), round(dec_deg, 6), round(mjd, 6))
