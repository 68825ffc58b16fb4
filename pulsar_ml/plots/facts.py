"""What a candidate's file says of it, with units, as lines of a header box."""

from collections.abc import Callable

from pulsar_ml.angles import declination, right_ascension
from pulsar_ml.candidate import Header

Lines = list[tuple[str, str]]


def facts(header: Header, reduced_chi2: float | None = None) -> Lines:
    """Put a header into words.

    Parameters
    ----------
    header : Header
        Of the candidate's file.
    reduced_chi2 : float, optional
        Of the best fold, per degree of freedom.

    Returns
    -------
    list of (str, str)
        Name and value with its unit; what the file does not say is left out.
    """
    return pulse(header, reduced_chi2) + observation(header)


def pulse(header: Header, reduced_chi2: float | None) -> Lines:
    """Give the part of `facts` that is about the pulse.

    Parameters
    ----------
    header : Header
        As of `facts`.
    reduced_chi2 : float or None
        As of `facts`.

    Returns
    -------
    list of (str, str)
        As of `facts`.
    """
    return _said(
        ("Period", _written(header.period_s, _period)),
        ("Period derivative", _written(header.pdot or None, "{:.3g} s/s".format)),
        ("DM", _written(header.dm, "{:.2f} pc cm⁻³".format)),
        ("S/N", _written(header.snr, "{:.1f}".format)),
        ("Significance", _written(header.sigma, "{:.1f} σ".format)),
        ("Reduced χ²", _written(reduced_chi2, "{:.2f}".format)),
        ("Pulse width", _written(header.width, "{:.1%} of a turn".format)),
    )


def observation(header: Header) -> Lines:
    """Give the part of `facts` that is about the observation.

    Parameters
    ----------
    header : Header
        As of `facts`.

    Returns
    -------
    list of (str, str)
        As of `facts`.
    """
    return _said(
        ("RA (J2000)", _written(header.ra_deg, right_ascension)),
        ("Dec (J2000)", _written(header.dec_deg, declination)),
        ("Epoch", _written(header.mjd, "MJD {:.5f}".format)),
        ("Observed for", _written(header.tobs_s, "{:.0f} s".format)),
        ("Telescope", header.telescope or None),
        ("Band", _band(header)),
    )


def _period(seconds: float) -> str:
    return f"{seconds:.9f} s" if seconds >= 1 else f"{seconds * 1e3:.8f} ms"


def _band(header: Header) -> str | None:
    if header.centre_mhz is None:
        return None
    if header.bandwidth_mhz is None:
        return f"{header.centre_mhz:.1f} MHz"
    return f"{header.centre_mhz:.1f} MHz, {abs(header.bandwidth_mhz):.1f} MHz wide"


def _written(value: float | None, write: Callable[[float], str]) -> str | None:
    return None if value is None else write(value)


def _said(*lines: tuple[str, str | None]) -> Lines:
    return [(name, value) for name, value in lines if value is not None]
