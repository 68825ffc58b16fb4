"""Positions in the sky as astronomers write them."""


def right_ascension(degrees: float, digits: int = 2) -> str:
    """Write an angle as hours, minutes and seconds of time.

    Parameters
    ----------
    degrees : float
        Right ascension.
    digits : int
        Of the seconds, after the point.

    Returns
    -------
    str
        From 00 to 24 hours.

    Examples
    --------
    >>> right_ascension(128.859583)
    '08:35:26.30'
    """
    turn = 86_400 * 10**digits
    return _sexagesimal(round(degrees / 360 * turn) % turn, digits)


def declination(degrees: float, digits: int = 1) -> str:
    """Write an angle as degrees, arc minutes and arc seconds with its sign.

    Parameters
    ----------
    degrees : float
        Declination.
    digits : int
        Of the seconds, after the point.

    Returns
    -------
    str
        Always with a sign, as -00:10 would else be lost.

    Examples
    --------
    >>> declination(-0.170306)
    '-00:10:13.1'
    """
    sign = "-" if degrees < 0 else "+"
    return sign + _sexagesimal(round(abs(degrees) * 3600 * 10**digits), digits)


def _sexagesimal(smallest: int, digits: int) -> str:
    # Whole numbers, or 59.999 would be written as 60.0.
    seconds, fraction = divmod(smallest, 10**digits)
    minutes, seconds = divmod(seconds, 60)
    whole, minutes = divmod(minutes, 60)
    return f"{whole:02d}:{minutes:02d}:{seconds:02d}.{fraction:0{digits}d}"
