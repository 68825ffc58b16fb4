"""Known pulsars, and which of them a candidate may be."""

import math
from collections.abc import Iterable
from typing import NamedTuple, Protocol

# Degrees: the rule of the field, and how far a bright pulsar is still seen.
NEAR_DEG, WIDE_DEG = 1.0, 5.0
# mJy; about a tenth of the catalogue's pulsars with a flux are that bright or brighter.
_BRIGHT_400, _BRIGHT_1400 = 50.0, 10.0
_MOST = 16
_PERIOD_TOLERANCE = 2e-3
_DM_TOLERANCE, _DM_SHARE = 5.0, 0.1


class Pulsar(NamedTuple):
    """A known pulsar; None where the catalogue says nothing.

    Attributes
    ----------
    name, b_name : str
        The J2000 name, and the B1950 one or "".
    ra_deg, dec_deg : float
        J2000, in degrees.
    period_s : float or None
        In seconds.
    dm : float or None
        In pc cm^-3.
    s400_mjy, s1400_mjy : float or None
        Flux densities at 400 and 1400 MHz, in mJy.
    """

    name: str
    b_name: str
    ra_deg: float
    dec_deg: float
    period_s: float | None
    dm: float | None
    s400_mjy: float | None = None
    s1400_mjy: float | None = None

    @property
    def is_bright(self) -> bool:
        """Whether side lobes may show it degrees away: 50 mJy at 400 MHz or 10 at 1400.

        Returns
        -------
        bool
            False where no flux is known.
        """
        return (self.s400_mjy or 0) >= _BRIGHT_400 or (
            self.s1400_mjy or 0
        ) >= _BRIGHT_1400


class Sighting(Protocol):
    """What is compared with the catalogue; `pulsar_ml.candidate.Header` is one."""

    @property
    def period_s(self) -> float | None:
        """Period in seconds."""

    @property
    def dm(self) -> float | None:
        """Dispersion measure in pc cm^-3."""

    @property
    def ra_deg(self) -> float | None:
        """Right ascension, J2000, in degrees."""

    @property
    def dec_deg(self) -> float | None:
        """Declination, J2000, in degrees."""


class Match(NamedTuple):
    """A known pulsar that a candidate may be.

    Attributes
    ----------
    pulsar : Pulsar
        The one of the catalogue.
    separation_deg : float
        From the candidate's pointing, in degrees.
    a, b : int
        The candidate's period is about a/b of the pulsar's.
    ratio : float
        The candidate's period divided by the pulsar's.
    dm_difference : float or None
        The candidate's DM less the pulsar's, in pc cm^-3.
    suggestion : str
        ``KNOWN_PSR``, or ``NB_PSR`` for a bright one beside the beam.
    """

    pulsar: Pulsar
    separation_deg: float
    a: int
    b: int
    ratio: float
    dm_difference: float | None
    suggestion: str

    @property
    def residual(self) -> float:
        """How far the period is from a/b of the pulsar's, relative to it.

        Returns
        -------
        float
            Without a sign.
        """
        return abs(self.ratio * self.b / self.a - 1)

    @property
    def why(self) -> str:
        """What agrees, in words.

        Returns
        -------
        str
            A sentence without its full stop.
        """
        if (self.a, self.b) == (1, 1):
            period = "the same period"
        else:
            period = f"{self.a}/{self.b} of its period"
        agrees = f"{period} to {100 * self.residual:.2g} %"
        if self.dm_difference is None:
            dm = "a DM is missing, so that only period and position speak for it"
        else:
            dm = f"the DM agrees within {abs(self.dm_difference):.2g} pc cm⁻³"
        if self.suggestion == "NB_PSR":
            return (
                f"{agrees}; {dm}; too far from the beam's centre, "
                "but bright enough for a side lobe"
            )
        return f"{agrees}; {dm}"


def match(header: Sighting, pulsars: Iterable[Pulsar]) -> list[Match]:
    """Tell which known pulsars a candidate may be.

    Within 1 degree, and for bright pulsars within 5, the candidate's period must be a/b
    of the pulsar's, a and b without common divisor and up to 16, to 0.2 %; the DMs must
    agree within the larger of 5 pc cm^-3 and 10 %. Where a DM is missing only the
    pulsar's own period within 1 degree counts, as so many ratios match by chance. After
    R. J. Lyon's KnownSourceMatcher; the period of a binary or a young pulsar may be up
    to 0.1 % off.

    Parameters
    ----------
    header : Sighting
        Of the candidate. Without period or position nothing matches.
    pulsars : iterable of Pulsar
        The catalogue, or the part of it that may be near.

    Returns
    -------
    list of Match
        The likeliest first: those in the beam before those beside it, harmonics and
        fractions with a 1 before others, then by a + b, then by the period.
    """
    found = [m for pulsar in pulsars if (m := _match(header, pulsar))]
    return sorted(
        found,
        key=lambda m: (
            m.suggestion == "NB_PSR",
            min(m.a, m.b) > 1,
            m.a + m.b,
            m.residual,
        ),
    )


def separation(ra_1: float, dec_1: float, ra_2: float, dec_2: float) -> float:
    """Compute the angle between two positions, by the haversine formula.

    Parameters
    ----------
    ra_1, dec_1, ra_2, dec_2 : float
        In degrees.

    Returns
    -------
    float
        In degrees, exact for small angles too.
    """
    a, d, b, e = map(math.radians, (ra_1, dec_1, ra_2, dec_2))
    h = (
        math.sin((e - d) / 2) ** 2
        + math.cos(d) * math.cos(e) * math.sin((b - a) / 2) ** 2
    )
    return math.degrees(2 * math.asin(min(1.0, math.sqrt(h))))


def _match(header: Sighting, pulsar: Pulsar) -> Match | None:
    if header.ra_deg is None or header.dec_deg is None or not header.period_s:
        return None
    if not pulsar.period_s or abs(header.dec_deg - pulsar.dec_deg) > WIDE_DEG:
        return None
    apart = separation(header.ra_deg, header.dec_deg, pulsar.ra_deg, pulsar.dec_deg)
    near = apart <= NEAR_DEG
    if not near and not (apart <= WIDE_DEG and pulsar.is_bright):
        return None
    ratio = header.period_s / pulsar.period_s
    fraction = _fraction(ratio)
    if fraction is None:
        return None
    difference = _dm_difference(header.dm, pulsar.dm)
    if difference is None:
        agrees = near and fraction == (1, 1)
    else:
        allowed = max(_DM_TOLERANCE, _DM_SHARE * (pulsar.dm or 0))
        agrees = abs(difference) <= allowed
    if not agrees:
        return None
    suggestion = "KNOWN_PSR" if near else "NB_PSR"
    return Match(pulsar, apart, *fraction, ratio, difference, suggestion)


def _dm_difference(candidate: float | None, pulsar: float | None) -> float | None:
    return None if candidate is None or pulsar is None else candidate - pulsar


# The simplest a/b near the ratio, or None.
def _fraction(ratio: float) -> tuple[int, int] | None:
    fits = [
        (a, b)
        for b in range(1, _MOST + 1)
        for a in range(1, _MOST + 1)
        if math.gcd(a, b) == 1 and abs(ratio * b / a - 1) <= _PERIOD_TOLERANCE
    ]
    return min(fits, key=sum) if fits else None
