"""PHCX: XML candidates of the Parkes surveys (Thornton, Morello, SKA-SA)."""

import codecs
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from pulsar_ml.errors import BadInput
from pulsar_ml.formats import phcx_xml
from pulsar_ml.formats.raw import (
    DM_LABEL,
    PHASE_LABEL,
    Array,
    Candidate,
    Curve,
    Header,
    Image,
    Panels,
)

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# Before it stand at most a declaration and a comment.
_ROOT_WITHIN = 4096


def recognises(start: bytes) -> bool:
    """Tell a PHCX, compressed or not, by its first bytes.

    Parameters
    ----------
    start : bytes
        Of a file.

    Returns
    -------
    bool
        Whether it is one.
    """
    if start[:2] == phcx_xml.GZIP:
        start = phcx_xml.inflated(start, _ROOT_WITHIN)
    begin = start[:_ROOT_WITHIN].removeprefix(codecs.BOM_UTF8).lstrip()
    return begin.startswith(b"<") and b"<phcf" in begin


def read(path: Path) -> "Phcx":
    """Read one file.

    Parameters
    ----------
    path : Path
        Plain or compressed by gzip; the content decides.

    Returns
    -------
    Phcx
        The candidate.

    Raises
    ------
    BadInput
        It is too large, damaged, or has other sizes than it says.
    """
    with path.open("rb") as file:
        data = file.read(phcx_xml.MAX_BYTES + 1)
    if data[:2] == phcx_xml.GZIP:
        data = phcx_xml.decompressed(data)
    if len(data) > phcx_xml.MAX_BYTES:
        raise BadInput(
            f"is larger than {phcx_xml.MAX_BYTES >> 20} MiB; no PHCX file is"
        )
    return _candidate(phcx_xml.parsed(data))


@dataclass(frozen=True)
class Phcx(Candidate):
    """A candidate of a PHCX file; its attributes are those of `Candidate`.

    The profile is that of the section ``FFT-pdmpd`` or ``PDMP``, the DM curve the data
    block of the section ``FFT``, one byte for each trial DM, or, where there is none,
    the whole plane of DM and period: both as stored, 0 to 255.
    """

    kind: ClassVar[str] = "phcx"
    _panels: Callable[[], Panels]

    def panels(self) -> Panels:
        """Compute what the diagnostic plots show.

        Returns
        -------
        Panels
            Sub-integrations and sub-bands are each scaled to 0-255 by row, as stored.

        Raises
        ------
        BadInput
            An array has another length than the file says.
        """
        return self._panels()


def _candidate(root: "Element") -> Phcx:
    sections = root.findall("Section")
    named = [s for s in sections if "pdmp" in s.get("name", "").lower()]
    folded = _last(named or sections, "Profile")
    if folded is None:
        raise BadInput("is a PHCX candidate without a profile")
    # The SKA-SA files have two profiles and one data block.
    profile = folded.findall("Profile")[-1]
    searched = next(filter(_is_curve, sections), None)
    block = searched if searched is not None else _last(sections, "SnrBlock/DataBlock")
    header = _header(root, folded)
    return Phcx(
        header=header,
        profile=_row(profile),
        dm_curve=None if block is None else _block(block),
        other_kind=searched is None or not named,
        notes=(),
        _panels=partial(_panels, header, sections, folded),
    )


def _last(sections: "list[Element]", path: str) -> "Element | None":
    """Give the last section that has such an element."""
    return next((s for s in reversed(sections) if s.find(path) is not None), None)


def _is_curve(section: "Element") -> bool:
    """Whether a section's data block has one value for each trial DM."""
    periods = section.find("SnrBlock/PeriodIndex")
    return (
        section.get("name", "").lower() == "fft"
        and section.find("SnrBlock/DataBlock") is not None
        and periods is not None
        and periods.get("nVals", "").strip() == "1"
    )


def _header(root: "Element", section: "Element") -> Header:
    head, best = partial(phcx_xml.number, root), partial(phcx_xml.number, section)
    width = best("BestValues/Width")
    return Header(
        name=phcx_xml.text(root, "head/SourceID"),
        telescope=phcx_xml.text(root, "head/Telescope"),
        # A search that does not know the other writes zero.
        period_s=best("BestValues/BaryPeriod") or best("BestValues/TopoPeriod") or None,
        dm=best("BestValues/Dm"),
        snr=best("BestValues/Snr"),
        width=None if width is None or width < 0 else width,
        ra_deg=_within(head("head/Coordinate/RA"), 0, 360),
        dec_deg=_within(head("head/Coordinate/Dec"), -90, 90),
        mjd=head("head/MjdStart"),
        tobs_s=head("head/ObservationLength"),
        centre_mhz=head("head/CentreFreq"),
        bandwidth_mhz=head("head/BandWidth"),
    )


def _within(angle: float | None, least: float, most: float) -> float | None:
    """Take an angle that is none of a position for unknown."""
    return angle if angle is not None and least <= angle <= most else None


def _panels(header: Header, sections: "list[Element]", folded: "Element") -> Panels:
    profile = folded.findall("Profile")[-1]
    length = header.tobs_s
    centre, width = header.centre_mhz, header.bandwidth_mhz
    return Panels(
        profile=_scaled(profile, _row(profile)),
        subints=_image(folded, "SubIntegrations", "Time (s)", 0, length),
        subbands=_image(
            folded,
            "SubBands",
            "Frequency (MHz)",
            # Negative where the channels descend: the first is then the highest.
            None if centre is None or width is None else centre - width / 2,
            width,
        ),
        dm=_dm_curve(sections),
        plane=_plane(sections),
    )


def _image(
    section: "Element", name: str, label: str, start: float | None, span: float | None
) -> Image | None:
    found = section.findall(name)
    if not found:
        return None
    rows, columns = (
        phcx_xml.count(found[-1], "nSub"),
        phcx_xml.count(found[-1], "nBins"),
    )
    values = phcx_xml.octets(found[-1], rows * columns).reshape(rows, columns)
    y = np.arange(rows) + 0.5
    if start is None or span is None:
        label = f"{label.partition(' (')[0]} (row)"
    else:
        y = start + span * y / rows
    return Image(values, np.arange(columns) / columns, y, PHASE_LABEL, label, "0–255")


def _dm_curve(sections: "list[Element]") -> Curve | None:
    """S/N over DM: as searched, as listed, or the best of each row of the plane."""
    for section in filter(_is_curve, sections):
        dms = phcx_xml.numbers(section, "SnrBlock/DmIndex")
        values = _scaled(section.find("SnrBlock/DataBlock"), _block(section))
        return Curve(dms, values, DM_LABEL, "S/N")
    for section in sections:
        if section.find("DmCurve") is not None:
            x, y = (
                phcx_xml.numbers(section, "DmCurve/DmValues"),
                phcx_xml.numbers(section, "DmCurve/SnrValues"),
            )
            if len(x) != len(y):
                raise BadInput(f"has a DmCurve of {len(x)} DMs and {len(y)} values")
            return Curve(x, y, DM_LABEL, "S/N")
    plane = _plane(sections)
    return plane and Curve(plane.y, plane.values.max(axis=1), DM_LABEL, "S/N")


def _plane(sections: "list[Element]") -> Image | None:
    for section in sections:
        block = section.find("SnrBlock/DataBlock")
        if block is not None and not _is_curve(section):
            dms = phcx_xml.numbers(section, "SnrBlock/DmIndex")
            periods = phcx_xml.numbers(section, "SnrBlock/PeriodIndex")
            # Verified on real files: the rows are DMs, see `Image`.
            values = phcx_xml.octets(block, len(dms) * len(periods))
            return Image(
                _scaled(block, values).reshape(len(dms), len(periods)),
                periods,
                dms,
                "Period offset (ps)",
                DM_LABEL,
                "S/N",
            )
    return None


def _row(profile: "Element") -> NDArray[np.uint8]:
    return phcx_xml.octets(profile, phcx_xml.count(profile, "nBins"))


def _block(section: "Element") -> NDArray[np.uint8]:
    block = section.find("SnrBlock/DataBlock")
    sizes = [
        len(phcx_xml.numbers(section, f"SnrBlock/{name}"))
        for name in ("DmIndex", "PeriodIndex")
    ]
    return phcx_xml.octets(block, math.prod(sizes))


def _scaled(element: "Element | None", values: NDArray[np.uint8]) -> Array:
    """Undo the scaling to 0-255, where the file says how."""
    low, high = (
        phcx_xml.finite(element.get(name), name) if element is not None else None
        for name in ("min", "max")
    )
    if low is None or high is None or high <= low:
        return values
    return low + (high - low) * values / 255
