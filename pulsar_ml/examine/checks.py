"""All checks in order: first what stands in the file, then what the model does."""

import json
import shutil
from functools import partial
from pathlib import Path

from onnx import ModelProto  # noqa: TID253

from pulsar_ml import artefact
from pulsar_ml.errors import BadArtefact
from pulsar_ml.examine import (
    card,
    disguise,
    graph,
    order,
    signature,
    tensors,
    trees,
    unpack,
    wire,
)
from pulsar_ml.examine.behaviour import Tried
from pulsar_ml.examine.finding import Failed, Findings
from pulsar_ml.examine.order import Order
from pulsar_ml.serving import Scorer

_RECIPE = "Only ONNX is taken; the page says how to make one at home."


def run(folder: Path, findings: Findings) -> None:
    """Examine what came.

    Parameters
    ----------
    folder : Path
        Of the child; see `pulsar_ml.examine`. Where all holds, its ``model/`` has
        ``model.onnx``, or all files of an artefact.
    findings : Findings
        Is filled in order. Nothing is loaded unless all that was read before holds.
    """
    asked = order.read(folder)
    into = folder / order.MODEL
    if into.exists():
        shutil.rmtree(into)
    findings.look("what it is", partial(_take, folder, asked))
    if not findings.all_hold:
        return
    raw = (into / artefact.MODEL).read_bytes()
    parsed: list[ModelProto] = []
    findings.look("outline", lambda: _outline(raw, parsed))
    for model in parsed:
        _read(model, findings)
    if findings.all_hold:
        _try(folder, asked, raw, findings)
    if findings.all_hold and not (into / artefact.SUMS).is_file():
        findings.look("what came with it", partial(_beside, folder, asked))


def _take(folder: Path, asked: Order) -> str:
    """Lay the model where it is read from."""
    came = folder / order.CAME
    size = came.stat().st_size
    if not size:
        raise Failed("The file is empty.")
    if size > asked.max_bytes:
        raise Failed(f"It has {size:,} bytes; {asked.max_bytes:,} are allowed.")
    raw, into = came.read_bytes(), folder / order.MODEL
    may_be_packed = raw[:2] in {b"PK", b"\x1f\x8b"} or raw[257:262] == b"ustar"
    if may_be_packed and unpack.is_archive(raw):
        return unpack.unpack(raw, into, asked.max_bytes)
    if what := disguise.told(raw):
        why = ""
        if "pickle" in what:
            why = " It was not opened, since opening one runs what is inside."
        raise Failed(f"It is {what}, whatever its name.{why} {_RECIPE}")
    into.mkdir()
    (into / artefact.MODEL).write_bytes(raw)
    return f"{size:,} bytes that may be ONNX."


def _outline(raw: bytes, parsed: list[ModelProto]) -> str:
    if raw[4:8] == b"ORTM":
        raise Failed("It is in the format of onnxruntime itself (ORT), not ONNX.")
    parts = wire.outline(raw)
    parsed.append(graph.parse(raw))
    return f"ONNX of {parts:,} parts."


def _read(model: ModelProto, findings: Findings) -> None:
    looked = {
        "versions": graph.versions,
        "operators": graph.operators,
        "order": graph.order,
        "texts": graph.texts,
        "external data": tensors.external,
        "tensors": tensors.whole,
        "signature": signature.signature,
    }
    for name, check in looked.items():
        findings.look(name, partial(check, model))
    # It asks a library for shapes, so only of what is sound so far.
    if findings.all_hold:
        findings.look("trees", partial(trees.bounded, model))


def _try(folder: Path, asked: Order, raw: bytes, findings: Findings) -> None:
    tried = Tried(raw)
    looked = {
        "loading": tried.loads,
        "range": tried.range,
        "determinism": tried.repeats,
        "no numbers": tried.odd,
        "time": lambda: tried.time(asked.row_microseconds),
    }
    for name, check in looked.items():
        findings.look(name, check)
        if not findings.all_hold:
            return
    path = folder / order.MODEL / artefact.CARD
    path = path if path.is_file() else folder / order.CARD
    if path.is_file():
        findings.look("card", partial(_card, path, asked, tried))
        if findings.all_hold:
            said = card.read(path)
            rows = folder / order.ROWS
            findings.look("figures", lambda: card.measures(said, rows, tried))


def _card(path: Path, asked: Order, tried: Tried) -> str:
    said = card.read(path)
    words = card.agrees(said, asked.model, tried)
    into = path.parent
    if (into / artefact.SUMS).is_file():
        named = [artefact.CARD, artefact.REFERENCE]
        named += [name for name in artefact.OPTIONAL if (into / name).is_file()]
        card.shaped({name: card.read(into / name) for name in named})
        try:
            Scorer(into)
        except BadArtefact as error:
            raise Failed(str(error).replace(str(into), "This")) from error
    return words


def _beside(folder: Path, asked: Order) -> str:
    """Check the list of rows, where one came."""
    path = folder / order.LIST
    if asked.trained_on != "list":
        return "Nothing else came with it."
    raw = path.read_bytes()
    packed = raw if raw[:2] == b"\x1f\x8b" else _packed(raw)
    unpack.check_hashes(packed, "The list of rows")
    hashes = artefact.hashes(packed)
    (folder / order.MODEL / artefact.TRAINING).write_bytes(artefact.hash_list(hashes))
    return f"A list of {len(hashes):,} rows that it was trained on."


def _packed(raw: bytes) -> bytes:
    try:
        return artefact.hash_list(raw.decode("ascii").split())
    except UnicodeDecodeError as error:
        raise Failed("The list of rows is no text of candidate hashes.") from error


def report(folder: Path, findings: Findings) -> None:
    """Leave what was found.

    Parameters
    ----------
    folder : Path
        Of the child.
    findings : Findings
        All of them.
    """
    told = {"ok": findings.all_hold, "findings": [f._asdict() for f in findings]}
    (folder / order.REPORT).write_text(json.dumps(told, indent=2))
