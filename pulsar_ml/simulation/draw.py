"""Draw sources at random, about as a survey of the Galactic plane meets them."""

from numpy.random import Generator

from pulsar_ml.simulation.receiver import Receiver
from pulsar_ml.simulation.sources import Interference, Pulsar

_DAY_S = 86_400.0
_MAINS_S = 0.02
_SHORTEST_S = 0.0014  # of PSR J1748-2446ad


def pulsar(rng: Generator) -> Pulsar:
    """Draw a pulsar.

    Parameters
    ----------
    rng : Generator
        Of everything.

    Returns
    -------
    Pulsar
        Four of five are normal, one is recycled, half of those in a binary. Widths
        fall with the square root of the period (Rankin 1990, ApJ 352, 247); numbers
        with S/N**-1.5, as in a space evenly filled.
    """
    recycled = rng.random() < 0.2
    decades = rng.normal(-2.35, 0.15) if recycled else rng.normal(-0.25, 0.3)
    period_s = max(float(10**decades), _SHORTEST_S)
    width = 0.15 if recycled else 0.025 * period_s**-0.5
    width = min(max(width * float(rng.lognormal(0, 0.4)), 0.012), 0.35)
    phase = float(rng.random())
    peaks = [(phase, width, 1.0)]
    for _ in range(rng.binomial(2, 0.4)):
        away = float(rng.uniform(-2, 2)) * width
        peaks.append((phase + away, width * 0.7, float(rng.uniform(0.2, 0.9))))
    orbit = None
    if recycled and rng.random() < 0.5:
        days = float(10 ** rng.uniform(-0.7, 1.5))
        # About the orbit of a white dwarf of 0.2 solar masses (Kepler's third law).
        orbit = (days * _DAY_S, 0.9 * days ** (2 / 3), float(rng.random()))
    return Pulsar(
        period_s=period_s,
        dm=min(float(10 ** rng.normal(1.6 if recycled else 1.9, 0.35)), 900.0),
        snr=min(9 * (1 - float(rng.random())) ** (-1 / 1.5), 400.0),
        peaks=tuple(peaks),
        scintle_s=float(rng.lognormal(6, 0.5)),
        orbit=orbit,
    )


def interference(rng: Generator, receiver: Receiver) -> Interference:
    """Draw interference.

    Parameters
    ----------
    rng : Generator
        Of everything.
    receiver : Receiver
        It has the sub-bands.

    Returns
    -------
    Interference
        Half of it in all sub-bands and at the period of the mains, its multiples, or
        that of a radar; the rest in one to three sub-bands, at any period.
    """
    narrow = rng.random() < 0.5
    if narrow:
        period_s = float(10 ** rng.uniform(-2, 0.5))
        count = int(rng.integers(1, 4))
        alive = receiver.n_bands - receiver.n_dead
        first = int(rng.integers(0, alive - count))
        bands = tuple(range(first, first + count))
    else:
        period_s = float(rng.choice([_MAINS_S / 2, _MAINS_S, 5 * _MAINS_S, 0.25, 1, 4]))
        bands = ()
    width = float(rng.uniform(0.08, 0.5))
    peaks = [(float(rng.random()), width, 1.0)]
    if rng.random() < 0.4:
        peaks.append((float(rng.random()), width / 2, float(rng.uniform(0.3, 1))))
    return Interference(
        period_s=period_s,
        snr=float(10 ** rng.uniform(1, 2)),
        peaks=tuple(peaks),
        bands=bands,
        jitter_turns=float(rng.choice([0, 0.02])),
    )
