"""ARFF: Weka's text tables, whose header names the columns."""

import re

from pulsar_ml.errors import BadInput
from pulsar_ml.formats import columns, delimited, text
from pulsar_ml.formats.sniff import Dialect
from pulsar_ml.formats.table import MAX_COLUMNS, Format, Source, Table

_COMMENT = rb"(?:[ \t]*(?:%[^\n]*)?\r?\n)*+"
_START = re.compile(rb"\A" + _COMMENT + rb"[ \t]*@relation\b", re.IGNORECASE)
_DATA = re.compile(rb"^[ \t]*@data[ \t\r]*\n", re.IGNORECASE | re.MULTILINE)
_ATTRIBUTE = re.compile(
    r"""^[ \t]*@attribute[ \t]+('[^'\n]*'|"[^"\n]*"|\S+)""",
    re.IGNORECASE | re.MULTILINE,
)


def _recognises(start: bytes) -> bool:
    return _START.match(start.removeprefix(b"\xef\xbb\xbf")) is not None


def _open(source: Source) -> Table:
    start = text.head(source.path)
    data = _DATA.search(start)
    if data is None:
        raise BadInput("is an ARFF file without @data in its first mebibyte")
    encoding = text.encoding_of(start)
    header = start[: data.end()].decode(encoding.name, errors="replace")
    names = [name.strip("'\"") for name in _ATTRIBUTE.findall(header)]
    if len(names) > MAX_COLUMNS:
        raise BadInput(f"has {len(names)} columns; at most {MAX_COLUMNS} can be read")
    # PulsarFeatureLab writes each candidate's path behind its row, as a comment.
    first = start[data.end() :].lstrip().partition(b"\n")[0]
    if first.count(b",") == len(names) and b",%" in first:
        names.append("name")
    elif first.startswith(b"{"):
        raise BadInput("is a sparse ARFF file; write it with all its values")
    layout = columns.by_header(names)
    return delimited.opened(
        source,
        Dialect(
            encoding._replace(mark=data.end()),
            delimiter=",",
            decimal=".",
            header=False,
            layout=layout,
            notes=layout.notes,
            comment="%",
            lines_before=header.count("\n"),
        ),
    )


FORMAT = Format("ARFF", _recognises, _open)
