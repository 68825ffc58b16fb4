"""The outline of an ONNX file, counted before a library builds anything of it."""

from collections.abc import Iterator

from pulsar_ml.examine.finding import Failed

# Of the file and of its graph together; the largest of ours has 20 nodes.
MOST_PARTS = 20_000
_GRAPH = 7
_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5
_LONGEST_VARINT = 10


def outline(raw: bytes) -> int:
    """Count the parts of a model and of its graph.

    Parameters
    ----------
    raw : bytes
        The file.

    Returns
    -------
    int
        How many fields they have, without what those hold.

    Raises
    ------
    Failed
        If it is no protocol buffer with a graph, or has too many parts.
    """
    view = memoryview(raw)
    parts, graphs = 0, 0
    for number, inside in _fields(view):
        parts += 1
        if number == _GRAPH and inside is not None:
            graphs += 1
            for _ in _fields(inside):
                parts += 1
                _check(parts)
        _check(parts)
    if graphs != 1:
        raise Failed(f"It has {graphs} graphs, and is no ONNX model.")
    return parts


def _check(parts: int) -> None:
    if parts > MOST_PARTS:
        raise Failed(f"Its graph has more than {MOST_PARTS:,} parts.")


def _fields(view: memoryview) -> Iterator[tuple[int, memoryview | None]]:
    at = 0
    while at < len(view):
        tag, at = _varint(view, at)
        kind, inside = tag & 7, None
        if kind == _VARINT:
            _, at = _varint(view, at)
        elif kind in {_EIGHT, _FOUR}:
            at += 8 if kind == _EIGHT else 4
        elif kind == _BYTES:
            size, at = _varint(view, at)
            inside = view[at : at + size]
            at += size
        else:
            raise Failed("It is no ONNX: this is no protocol buffer.")
        if at > len(view) or tag >> 3 == 0:
            raise Failed("It is no ONNX, or it is cut off.")
        yield tag >> 3, inside


def _varint(view: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for place, byte in enumerate(view[at : at + _LONGEST_VARINT]):
        value |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return value, at + place + 1
    raise Failed("It is no ONNX, or it is cut off.")
