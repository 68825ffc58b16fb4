"""The XML of PHCX: parsed with care, and its values with their lengths compared."""

import math
import zlib
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.errors import BadInput
from pulsar_ml.formats.pfd_header import MAX_VALUE

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

GZIP = b"\x1f\x8b"
# Real files have at most 54 kB and 200 elements.
MAX_BYTES = 5 * 2**20
_MAX_ELEMENTS = 10_000


def inflated(data: bytes, limit: int) -> bytes:
    """Undo gzip at the start of a file, as far as wanted.

    Parameters
    ----------
    data : bytes
        Compressed; they may end early.
    limit : int
        How many bytes to give at most.

    Returns
    -------
    bytes
        Empty if the data are damaged.
    """
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data, limit)
    except zlib.error:
        return b""


def decompressed(data: bytes) -> bytes:
    """Undo gzip, up to the largest size that is read.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    bytes
        Longer than `MAX_BYTES`, by one, if there is more.

    Raises
    ------
    BadInput
        The data are damaged or end too early.
    """
    stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        plain = stream.decompress(data, MAX_BYTES + 1)
    except zlib.error as error:
        raise BadInput("is damaged: it cannot be decompressed") from error
    if not stream.eof and len(plain) <= MAX_BYTES:
        raise BadInput("is damaged: its compressed data end too early")
    return plain


def parsed(data: bytes) -> "Element":
    """Parse XML that declares nothing.

    Parameters
    ----------
    data : bytes
        The whole document.

    Returns
    -------
    Element
        Its root.

    Raises
    ------
    BadInput
        It is not well-formed, has too many elements, or declares a document type.
    """
    from defusedxml import DefusedXmlException, ElementTree  # noqa: PLC0415  # slow

    if data.count(b"<") > _MAX_ELEMENTS:
        raise BadInput("has more elements than any PHCX file")
    try:
        root: Element = ElementTree.fromstring(data, forbid_dtd=True)
    except DefusedXmlException as error:
        raise BadInput(
            "declares a document type or entities, as no PHCX does"
        ) from error
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise BadInput(f"is no well-formed XML: {error}") from error
    return root


def octets(element: "Element | None", size: int) -> NDArray[np.uint8]:
    """Decode pairs of hexadecimal digits and compare their number.

    Parameters
    ----------
    element : Element or None
        Its text has the digits; None counts as empty.
    size : int
        How many values there should be.

    Returns
    -------
    ndarray of uint8, shape (size,)
        The values.

    Raises
    ------
    BadInput
        There are no values, another number of them, or other characters.
    """
    digits = "" if element is None else "".join((element.text or "").split())
    name = "" if element is None else element.tag
    try:
        values = np.frombuffer(bytes.fromhex(digits), dtype=np.uint8)
    except ValueError as error:
        raise BadInput(
            f"has a {name} that is not written in hexadecimal digits"
        ) from error
    if len(values) != size or size == 0:
        raise BadInput(f"has a {name} of {len(values)} values; {size} should be there")
    return values


def numbers(section: "Element", path: str) -> NDArray[np.float64]:
    """Give the numbers of an element; none if it is not there.

    Parameters
    ----------
    section : Element
        Which to search.
    path : str
        Of the element within it, in the notation of ElementTree.

    Returns
    -------
    ndarray of shape (n_values,)
        All finite.

    Raises
    ------
    BadInput
        One is not a finite number.
    """
    try:
        values = np.array(text(section, path).split(), dtype=np.float64)
    except ValueError as error:
        raise BadInput(f"has a {path} that is not all numbers") from error
    if not np.isfinite(values).all():
        raise BadInput(f"has a {path} with values that are not finite")
    return values


def count(element: "Element", name: str) -> int:
    """Give an attribute that says how many there are.

    Parameters
    ----------
    element : Element
        Which has it.
    name : str
        Of the attribute.

    Returns
    -------
    int
        At least 1, of at most seven digits.

    Raises
    ------
    BadInput
        It is missing or is no such number.
    """
    given = element.get(name, "").strip()
    if not (given.isascii() and given.isdigit() and len(given) < 8 and int(given)):
        raise BadInput(f"has a {element.tag} whose {name} is {given[:40]!r}")
    return int(given)


def text(element: "Element", path: str) -> str:
    """Give the text of an element, empty if it is not there.

    Parameters
    ----------
    element : Element
        Which to search.
    path : str
        Of the wanted one within it, in the notation of ElementTree.

    Returns
    -------
    str
        On one line, with single blanks.
    """
    return " ".join((element.findtext(path) or "").split())


def number(element: "Element", path: str) -> float | None:
    """Give the number in an element, None if it is not there.

    Parameters
    ----------
    element : Element
        Which to search.
    path : str
        Of the wanted one within it, in the notation of ElementTree.

    Returns
    -------
    float or None
        Finite.

    Raises
    ------
    BadInput
        It holds something else.
    """
    return finite(text(element, path), path)


def finite(given: str | None, name: str) -> float | None:
    """Read a number; None stays None.

    Parameters
    ----------
    given : str or None
        What the file has; an empty text counts as None.
    name : str
        What it is called, for the message.

    Returns
    -------
    float or None
        Finite.

    Raises
    ------
    BadInput
        It is not a number, or one that nothing in the sky has.
    """
    if not given:
        return None
    try:
        value = float(given)
    except ValueError:
        value = math.nan
    if not abs(value) <= MAX_VALUE:
        raise BadInput(f"has a {name} that is no number: {given[:40]!r}")
    return value
