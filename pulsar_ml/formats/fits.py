"""FITS: the first table extension of a file, binary or text."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pulsar_ml.errors import BadInput
from pulsar_ml.formats import typed
from pulsar_ml.formats.table import Format, Source, Table

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

_MAX_BYTES = 2**30
_MAX_EXTENSIONS = 100
# Pieces of a table are read into memory; a spectrum in a cell is no feature.
_MAX_ROW = 16_384
# The standard's own limit. More are looked for as long as the header says, and kept.
_MAX_FIELDS = 999


def _recognises(start: bytes) -> bool:
    return start.startswith(b"SIMPLE  =")


def _open(source: Source) -> Table:
    with _first_table(source.path) as hdu:
        names = [typed.clean(str(name)) for name in hdu.columns.names]
    return typed.table(source, names, partial(_frames, source.path))


def _frames(path: Path) -> "Iterator[pd.DataFrame]":
    with _first_table(path) as hdu:
        for first in range(0, len(hdu.data), typed.ROWS):
            rows = hdu.data[first : first + typed.ROWS]
            yield typed.frame([_cells(rows, c) for c in hdu.columns])


@contextmanager
def _first_table(path: Path) -> Iterator[Any]:
    from astropy.io import fits  # noqa: PLC0415  # 0.5 s, and few files are FITS

    size = path.stat().st_size
    if size > _MAX_BYTES:
        raise BadInput(f"is FITS larger than {_MAX_BYTES >> 30} GiB")
    try:
        with fits.open(path, memmap=True, lazy_load_hdus=True) as extensions:
            kinds = (fits.BinTableHDU, fits.TableHDU)
            some = islice(extensions, _MAX_EXTENSIONS)
            found = next((hdu for hdu in some if isinstance(hdu, kinds)), None)
            if found is None:
                raise BadInput("is a FITS file without a table")
            if not 0 <= int(found.header["TFIELDS"]) <= _MAX_FIELDS:
                raise BadInput(
                    f"is a damaged FITS table: no table has more than {_MAX_FIELDS} "
                    "columns"
                )
            if found.header["NAXIS1"] > _MAX_ROW:
                raise BadInput("is a FITS table with whole arrays in its cells")
            if found.fileinfo()["datLoc"] + found.size > size:
                raise BadInput("is damaged: it is shorter than its header says")
            yield found
    except (fits.VerifyError, KeyError, TypeError, ValueError) as error:
        raise BadInput(f"is a damaged FITS table: {error}") from error


def _cells(rows: Any, column: Any) -> "np.ma.MaskedArray[Any, Any]":
    if "P" in str(column.format) or "Q" in str(column.format):
        # Arrays of any length, somewhere behind the table.
        return np.ma.MaskedArray(np.empty(len(rows), dtype=object), mask=True)
    values: NDArray[Any] = np.asarray(rows.field(column.name))
    null = getattr(column, "null", None)
    wrong = values == null if null is not None and values.dtype.kind in "iu" else False
    return np.ma.MaskedArray(values, mask=wrong)


FORMAT = Format("FITS", _recognises, _open)
