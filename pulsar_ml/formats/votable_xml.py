"""The XML of VOTable, piece by piece: the fields first, then the data they tell of."""

from binascii import a2b_base64
from collections import deque
from typing import IO
from xml.parsers import expat

from pulsar_ml.errors import BadInput
from pulsar_ml.formats.table import MAX_COLUMNS
from pulsar_ml.formats.text import MAX_LINE

_PIECE = 2**16
# A tag is held until it ends, and names that were seen are never forgotten.
_MAX_TAG = 2**20
_MAX_HEADER = 4 * 2**20
_MAX_DEPTH = 100
_DIGITS_OF_A_GROUP = 4
_BINARY = {"BINARY", "BINARY2"}


class Document:
    """A VOTable as far as the data of its first table.

    Parameters
    ----------
    file : binary file
        Read from where it stands.
    size : int
        How long it is.

    Attributes
    ----------
    fields : list of dict of str
        The attributes of each ``FIELD``, and `null` of its ``VALUES``.
    serialisation : str
        ``TABLEDATA``, ``BINARY`` or ``BINARY2`` once the data begin.
    rows : deque of list of str
        Of ``TABLEDATA``: the cells of rows that were read; to be taken away.
    data : bytearray
        Of the others: what was read; to be taken away.
    """

    def __init__(self, file: IO[bytes], size: int) -> None:
        self.file = file
        self.size = size
        self.fields: list[dict[str, str]] = []
        self.serialisation = ""
        self.rows: deque[list[str]] = deque()
        self.data = bytearray()
        self._path: list[str] = []
        self._fed = 0
        self._has_table = self._ended = False
        self._failure: BadInput | None = None
        self._parser = expat.ParserCreate()
        self._parser.buffer_size = _PIECE
        self._parser.buffer_text = True
        # Without declarations nothing can expand, or be fetched.
        self._parser.StartDoctypeDeclHandler = _refuse_declarations
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def more(self) -> bool:
        """Read on a little.

        Returns
        -------
        bool
            False where the data end.

        Raises
        ------
        BadInput
            At the call after the one that gave the last of what is sound.
        """
        if self._failure:
            raise self._failure
        if self._ended:
            return False
        piece = self.file.read(_PIECE)
        self._fed += len(piece)
        try:
            self._parser.Parse(piece, not piece)
            self._limit()
        except BadInput as error:
            self._failure = error
        except (expat.ExpatError, LookupError, ValueError) as error:
            self._failure = BadInput(f"is a damaged VOTable: {error}")
        return True

    @property
    def n_read(self) -> int:
        """How many bytes are done with; behind the data nothing is left to do.

        Returns
        -------
        int
            The whole size once the data have ended.
        """
        return self.size if self._ended else self._fed

    def _limit(self) -> None:
        if self._ended:
            return
        if self._fed - self._parser.CurrentByteIndex > _MAX_TAG:
            raise BadInput("is a VOTable with a tag or comment longer than 1 MiB")
        if not self.serialisation and self._fed > _MAX_HEADER:
            raise BadInput(
                f"is a VOTable without rows in its first {_MAX_HEADER >> 20} MiB"
            )

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        tag, parent = _local(tag), self._path[-1] if self._path else ""
        self._path.append(tag)
        if len(self._path) > _MAX_DEPTH:
            raise BadInput(f"is a VOTable nested more than {_MAX_DEPTH} deep")
        if tag == "TABLE":
            self._table(attributes.get("nrows", "").strip())
        elif (parent, tag) == ("TABLE", "FIELD"):
            self._field(attributes)
        elif (parent, tag) == ("FIELD", "VALUES") and "null" in attributes:
            self.fields[-1]["null"] = attributes["null"]
        elif parent == "DATA":
            self._data(tag)
        elif parent in _BINARY:
            self._stream(tag, attributes)

    def _end(self, tag: str) -> None:
        self._path.pop()
        self._ended = _local(tag) in {"TABLE", "DATA"}
        if not self._path and not self._has_table:
            raise BadInput("is a VOTable without a table")
        if self._ended:
            self._parser.StartElementHandler = None
            self._parser.EndElementHandler = None

    def _table(self, n_rows: str) -> None:
        self._has_table = True
        if n_rows.isdecimal() and (
            len(n_rows) > len(str(self.size)) or int(n_rows) > self.size
        ):
            raise BadInput("is a VOTable that declares larger sizes than are read")

    def _field(self, attributes: dict[str, str]) -> None:
        self.fields.append(dict(attributes))
        if len(self.fields) > MAX_COLUMNS:
            raise BadInput(f"has more than the {MAX_COLUMNS} columns that can be read")

    def _data(self, tag: str) -> None:
        if self.serialisation:
            raise BadInput("is a VOTable with more than one kind of data in its table")
        if tag == "TABLEDATA":
            _Cells(self, self._parser, len(self.fields))
        elif tag not in _BINARY:
            raise BadInput(
                f"is a VOTable whose data are {tag[:40]}; write it with its data as "
                "TABLEDATA"
            )
        self.serialisation = tag

    def _stream(self, tag: str, attributes: dict[str, str]) -> None:
        if tag != "STREAM":
            raise BadInput(f"has a {tag[:40]} where its data should be")
        if "href" in attributes or attributes.get("encoding", "base64") != "base64":
            raise BadInput(
                "is a VOTable whose data lie elsewhere or are compressed; "
                "write it with its data as TABLEDATA"
            )
        _Base64(self, self._parser)

    def end(self) -> None:
        """Take note that the data are complete."""
        self._ended = True


class _Cells:
    """The rows of TABLEDATA; it takes the parser over until they end."""

    def __init__(
        self, document: Document, parser: expat.XMLParserType, n_cells: int
    ) -> None:
        self.document = document
        self.parser = parser
        self.n_cells = n_cells
        self.row: list[str] | None = None
        self.cell: list[str] | None = None
        self.size = 0
        parser.StartElementHandler = self.start
        parser.CharacterDataHandler = self.text
        parser.EndElementHandler = self.end

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        expected = "TR" if self.row is None else "TD"
        if _local(tag) != expected or self.cell is not None:
            raise BadInput(f"has a {tag[:40]} among its rows where none should be")
        if attributes.keys() - {"ID"}:
            raise BadInput(f"has a {tag} with attributes, which are not read")
        if self.row is None:
            self.row, self.size = [], 0
        else:
            self.cell = []

    def text(self, text: str) -> None:
        if self.cell is None:
            return
        self.cell.append(text)
        self.size += len(text)
        if self.size > MAX_LINE:
            raise BadInput("has a row longer than 1 MiB")

    def end(self, _: str) -> None:
        if self.row is None:
            self.parser.StartElementHandler = self.parser.EndElementHandler = None
            self.parser.CharacterDataHandler = None
            self.document.end()
        elif self.cell is None:
            if len(self.row) != self.n_cells:
                raise self._uneven(str(len(self.row)))
            self.document.rows.append(self.row)
            self.row = None
        else:
            self.row.append("".join(self.cell))
            self.cell = None
            if len(self.row) > self.n_cells:
                raise self._uneven("more")

    def _uneven(self, found: str) -> BadInput:
        return BadInput(f"has a row of {found} cells; the table has {self.n_cells}")


class _Base64:
    """The bytes of a STREAM; it takes the parser over until they end."""

    def __init__(self, document: Document, parser: expat.XMLParserType) -> None:
        self.document = document
        self.parser = parser
        self.waiting = b""
        parser.StartElementHandler = self.start
        parser.CharacterDataHandler = self.text
        parser.EndElementHandler = self.end

    def start(self, tag: str, _: dict[str, str]) -> None:
        raise BadInput(f"has a {tag[:40]} within its data")

    def text(self, text: str) -> None:
        digits = self.waiting + text.encode("ascii").translate(None, b" \t\r\n")
        whole = len(digits) - len(digits) % _DIGITS_OF_A_GROUP
        self.waiting = digits[whole:]
        self.document.data += a2b_base64(digits[:whole], strict_mode=True)

    def end(self, _: str) -> None:
        if self.waiting:
            raise BadInput("is damaged: its data end within a group of base64")
        self.parser.StartElementHandler = self.parser.EndElementHandler = None
        self.parser.CharacterDataHandler = None
        self.document.end()


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


def _refuse_declarations(*_: object) -> None:
    raise BadInput("declares a document type or entities, which are not read")
