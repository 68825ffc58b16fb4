"""VOTable 1.4, its rows in the serialisation BINARY2."""

import io
import re
import struct
from binascii import b2a_base64
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from pulsar_ml.place import placed
from pulsar_ml.writers.columns import (
    DOUBLE,
    FLAG,
    SINGLE,
    TEXT,
    WHOLE,
    Column,
    plain,
    texts,
)
from pulsar_ml.writers.format import Format, Put
from pulsar_ml.writers.sheet import Sheet

if TYPE_CHECKING:
    import pandas as pd

_TYPES = {
    WHOLE: ("long", ">i8"),
    DOUBLE: ("double", ">f8"),
    SINGLE: ("float", ">f4"),
    FLAG: ("unsignedByte", "u1"),
    TEXT: ("unicodeChar", ""),
}
_PARAMETERS = {int: "long", float: "double"}
# In an attribute even a line break would come back as a blank.
_NOT_XML = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# Whole groups of three bytes; what is left over waits for the next rows.
_GROUP = 3


def header(sheet: Sheet) -> str:
    """Describe a table as a VOTable without data.

    Parameters
    ----------
    sheet : Sheet
        The table.

    Returns
    -------
    str
        XML.
    """
    # 0.5 s, and only these downloads need it.
    from astropy.io.votable import tree  # noqa: PLC0415

    whole = tree.VOTableFile(version="1.4")
    resource = tree.Resource(name="pulsarsite")
    whole.resources.append(resource)
    table = tree.TableElement(whole, ID="_scores", name="scores")
    table.description = "Candidates and the probability that each is a pulsar"
    resource.tables.append(table)
    for name, value in sheet.provenance.said().items():
        if kind := _PARAMETERS.get(type(value)):
            parameter = tree.Param(
                whole, ID=f"_{name}", name=name, value=value, datatype=kind
            )
            table.params.append(parameter)
        else:
            table.infos.append(
                tree.Info(ID=f"_{name}", name=name, value=_clean(str(value)))
            )
    names = plain([column.name for column in sheet.columns])
    table.fields.extend(map(partial(_field, tree, whole), names, sheet.columns))
    written = io.BytesIO()
    whole.to_xml(written)
    return written.getvalue().decode()


def _field(tree: Any, whole: Any, identity: str, column: Column) -> Any:
    name = _clean(column.name)
    field = tree.Field(
        whole,
        # No ID begins with a digit; those of other elements have the underscore.
        ID=f"_{identity}" if identity[0].isdigit() else identity,
        name=name,
        datatype=_TYPES[column.kind][0],
        arraysize="*" if column.kind == TEXT else None,
        unit=column.unit or None,
        ucd=column.ucd or None,
    )
    replaced = "Letters of its name that XML cannot hold are replaced"
    said = [column.description, replaced if name != column.name else ""]
    field.description = ". ".join(filter(None, said)) or None
    return field


def _clean(text: str) -> str:
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)


@contextmanager
def _opened(path: Path, sheet: Sheet, temp: Path) -> Iterator[Put]:
    del temp  # nothing waits
    before, end, after = header(sheet).rpartition("</TABLE>")
    rows = _Rows(sheet.columns)
    with placed(path) as unfinished, unfinished.open("wb") as stream:
        stream.write(before.encode())
        stream.write(b'<DATA><BINARY2><STREAM encoding="base64">\n')
        text = _Base64(stream)
        yield lambda frame: text.write(rows.packed(frame))
        text.end()
        stream.write(b"</STREAM></BINARY2></DATA>")
        stream.write(f"{end}{after}".encode())


class _Base64:
    """Bytes as text, in lines of any length."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.waiting = b""

    def write(self, data: bytes) -> None:
        data = self.waiting + data
        whole = len(data) - len(data) % _GROUP
        self.waiting = data[whole:]
        self.stream.write(b2a_base64(memoryview(data)[:whole]))

    def end(self) -> None:
        self.stream.write(b2a_base64(self.waiting))


class _Rows:
    """Rows as BINARY2 has them: a bit for each missing value, then the values."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self.kinds = [column.kind for column in columns]

    def packed(self, frame: "pd.DataFrame") -> bytes:
        pieces: list[Sequence[bytes]] = []
        numbers: list[tuple[str, np.ndarray[Any, Any]]] = []
        missing = np.zeros((len(frame), len(self.kinds)), dtype=bool)
        for place, kind in enumerate(self.kinds):
            cells = frame.iloc[:, place]
            missing[:, place] = cells.isna().to_numpy()
            if kind != TEXT:
                numbers.append((_TYPES[kind][1], cells.to_numpy()))
                continue
            if numbers:
                pieces.append(_side_by_side(numbers))
                numbers = []
            pieces.append([_text(cell) for cell in texts(cells)])
        if numbers:
            pieces.append(_side_by_side(numbers))
        pieces.insert(0, _each_row(np.packbits(missing, axis=1)))
        return b"".join(chain.from_iterable(zip(*pieces, strict=True)))


def _side_by_side(columns: Sequence[tuple[str, "np.ndarray[Any, Any]"]]) -> list[bytes]:
    types = [(f"n{place}", kind) for place, (kind, _) in enumerate(columns)]
    rows = np.empty(len(columns[0][1]), dtype=types)
    for place, (_, values) in enumerate(columns):
        rows[f"n{place}"] = values
    return _each_row(rows.view("u1").reshape(len(rows), rows.dtype.itemsize))


def _each_row(rows: "np.ndarray[Any, Any]") -> list[bytes]:
    data, width = rows.tobytes(), rows.shape[1]
    return [data[at : at + width] for at in range(0, len(data), width)]


_length: Callable[[int], bytes] = struct.Struct(">I").pack
_EMPTY = _length(0)


def _text(cell: str | None) -> bytes:
    if not cell:
        return _EMPTY
    encoded = cell.encode("utf-16-be")
    return _length(len(encoded) // 2) + encoded


FORMAT = Format(
    "votable",
    "VOTable",
    (".vot", ".xml", ".votable"),
    "application/x-votable+xml",
    is_typed=True,
    is_fixed=False,
    opened=_opened,
)
