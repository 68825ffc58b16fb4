"""Models that nobody should load: each with what is to be said of it."""

import bz2
import gzip
import hashlib
import io
import json
import lzma
import pickle
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper  # noqa: TID253

from pulsar_ml import artefact, serving
from pulsar_ml.artefact import CARD, MODEL, REFERENCE, SUMS, TRAINING

FLOAT = TensorProto.FLOAT


class Hostile(NamedTuple):
    """A file, and a pattern that one of the findings against it matches."""

    name: str
    content: bytes
    says: str


def good(
    nodes: list[NodeProto] | None = None,
    tensors: dict[str, np.ndarray] | None = None,
    *,
    inputs: list | None = None,
    outputs: list | None = None,
    opsets: dict[str, int] | None = None,
    ir_version: int = 8,
) -> ModelProto:
    """A small network that is taken, unless something is put in its place."""
    weights = np.linspace(-0.02, 0.02, 8, dtype=np.float32).reshape(8, 1)
    graph = helper.make_graph(
        nodes or [node("MatMul", "features weights", "logit"), sigmoid("logit")],
        "hostile",
        inputs or [end("features", 8)],
        outputs or [end("probability", 1)],
        [
            numpy_helper.from_array(np.asarray(value), name)
            for name, value in {"weights": weights, **(tensors or {})}.items()
        ],
    )
    given = [helper.make_opsetid(*item) for item in (opsets or {"": 17}).items()]
    return helper.make_model(graph, opset_imports=given, ir_version=ir_version)


def end(name: str, width: int, kind: int = FLOAT, rows: int | None = None):
    return helper.make_tensor_value_info(name, kind, [rows, width])


def node(op: str, inputs: str, outputs: str, **attributes: object) -> NodeProto:
    return helper.make_node(op, inputs.split(), outputs.split(), **attributes)


def sigmoid(of: str) -> NodeProto:
    return node("Sigmoid", of, "probability")


def hostile(canary: Path) -> Iterator[Hostile]:
    """All of them; whatever runs or reads would leave or tell the canary."""
    for kind in (_pickles, _others, _archives, _graphs, _tensors, _trees, _behaviour):
        yield from kind(canary)


class _Bomb:
    """Leaves the canary when it is unpickled."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self):
        code = f"open({str(self.canary)!r}, 'w').write('ran')"
        return exec, (code,)


def _pickles(canary: Path) -> Iterator[Hostile]:
    no = "pickle"
    for protocol in range(6):
        raw = pickle.dumps(_Bomb(canary), protocol)
        yield Hostile(f"protocol {protocol}.onnx", raw, no)
    yield Hostile("system.onnx", f"cos\nsystem\n(S'touch {canary}'\ntR.".encode(), no)
    yield Hostile("inst.pkl", f"(S'touch {canary}'\nios\nsystem\n.".encode(), no)
    raw = pickle.dumps(_Bomb(canary), 4)
    yield Hostile("joblib.gz", gzip.compress(raw), no)
    yield Hostile("joblib.z", zlib.compress(raw), no)
    yield Hostile("joblib.xz", lzma.compress(raw), no)
    yield Hostile("joblib.bz2", bz2.compress(raw), no)
    yield Hostile("joblib.lzma", lzma.compress(raw, lzma.FORMAT_ALONE), no)
    yield Hostile("joblib.zst", b"\x28\xb5\x2f\xfd" + raw, no)
    yield Hostile("joblib.lz4", b"\x04\x22\x4d\x18" + raw, no)
    yield Hostile("old.joblib", b"ZF0x4" + zlib.compress(raw), no)
    yield Hostile("torch.pt", zipped({"archive/data.pkl": raw}), "PyTorch")
    yield Hostile("a.skops", zipped({"schema.json": b"{}", "0.npy": raw}), "skops")
    yield Hostile("joblib.zip", zipped({"model.joblib": raw}), no)
    yield Hostile("array.npz", zipped({"a.npy": b"\x93NUMPY" + raw}), "NumPy")
    yield Hostile("array.npy", b"\x93NUMPY\x01\x00" + raw, "NumPy")
    yield Hostile("pickle and model", raw + bytes_of(good()), no)
    yield Hostile("model and pickle", bytes_of(good()) + raw, "no ONNX|name for|read")


def _others(canary: Path) -> Iterator[Hostile]:
    del canary
    yield Hostile("empty.onnx", b"", "empty")
    yield Hostile("zeros.onnx", bytes(1000), "no ONNX")
    yield Hostile("random.onnx", np.random.default_rng(1).bytes(5000), "no ONNX|is")
    yield Hostile("cut.onnx", bytes_of(good())[:-40], "no ONNX|cut off")
    yield Hostile("keras.h5", b"\x89HDF\r\n\x1a\n" + bytes(100), "HDF5")
    yield Hostile("a.keras", zipped({"config.json": b"{}"}), "Keras")
    yield Hostile("model.tflite", b"\x1c\0\0\0TFL3" + bytes(90), "TensorFlow Lite")
    yield Hostile("model.ort", b"\x1c\0\0\0ORTM" + bytes(90), "ORT")
    disguised = b"\xaa\x06\x06abORTM" + bytes_of(good())
    yield Hostile("both.onnx", disguised[:4] + b"ORTM" + disguised[8:], "ORT")
    yield Hostile("script.onnx", b"#!/bin/sh\ntouch x\n", "script")
    yield Hostile("program.onnx", b"\x7fELF" + bytes(60), "program")
    yield Hostile("page.onnx", b"<html>404</html>", "page")
    yield Hostile("card.json", b'{"model": "pulsar"}', "JSON")
    yield Hostile("lfs.onnx", b"version https://git-lfs.github.com/spec/v1\n", "LFS")
    yield Hostile("gguf.onnx", b"GGUF" + bytes(60), "GGUF")


def bytes_of(model: ModelProto) -> bytes:
    return bytes(model.SerializeToString())


def zipped(files: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def tarred(files: dict[str, bytes], *odd: tarfile.TarInfo) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for info in odd:
            archive.addfile(info)
    return packed.getvalue()


def whole(**changed: bytes | None) -> dict[str, bytes]:
    """A shipped artefact; what is changed has a right sum, and None is left out."""
    files, _ = artefact.read(serving.shipped()[-1])
    short = {"card": CARD, "reference": REFERENCE, "training": TRAINING, "model": MODEL}
    for name, content in changed.items():
        if content is None:
            files.pop(short[name])
        else:
            files[short[name]] = content
    sums = {name: hashlib.sha256(raw).hexdigest() for name, raw in files.items()}
    lines = "".join(f"{known}  {name}\n" for name, known in sorted(sums.items()))
    return {**files, SUMS: lines.encode()}


def _link(name: str, kind: bytes, to: str = "/etc/passwd") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, to
    return info


def _said(**changed: object) -> bytes:
    card = json.loads(whole()[CARD])
    return json.dumps({**card, **changed}).encode()


def _archives(canary: Path) -> Iterator[Hostile]:
    ours = whole()
    yield Hostile("up.zip", zipped({**ours, "../../x": b"1"}), "none of the files")
    yield Hostile("root.tar.gz", tarred({**ours, str(canary): b"1"}), "none of the")
    yield Hostile("up.tar.gz", tarred({**ours, f"../{CARD}": b"1"}), "none of the")
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
        odd = tarred(ours, _link("evaluation.json", kind, str(canary)))
        yield Hostile(f"link {kind!r}.tar.gz", odd, "link or a device|twice")
    link = zipfile.ZipInfo(CARD)
    link.external_attr = 0o120777 << 16
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(link, "/etc/passwd")
        for name in (MODEL, SUMS):
            archive.writestr(name, ours[name])
    yield Hostile("link.zip", packed.getvalue(), "link or a device")
    yield Hostile("twice.tar.gz", _twice(ours), "twice")
    secret = bytearray(zipped({MODEL: b"1", SUMS: b"2"}))
    secret[6] |= 1
    at = secret.index(b"PK\x01\x02")
    secret[at + 8] |= 1
    yield Hostile("secret.zip", bytes(secret), "encrypted")
    many = {f"{n}.txt": b"" for n in range(50)}
    yield Hostile("many.zip", zipped({**ours, **many}), "zip archive|entries")
    bomb = {**ours, MODEL: bytes(80 * 2**20)}
    yield Hostile("bomb.zip", zipped(bomb), "unpacks to more")
    yield Hostile("bomb.tar.gz", tarred(bomb), "unpacks to more")
    yield Hostile("gigabyte.gz", gzip.compress(bytes(64 * 2**20)), "packed by gzip")
    yield Hostile("sums.zip", zipped({**ours, CARD: b"{}"}), "not the file")
    yield Hostile("missing.zip", zipped({MODEL: b"1", SUMS: b"2"}), "no whole artefact")
    hashes = gzip.compress(b"0" * (400 * 2**20), 9)
    yield Hostile("hashes.zip", zipped(whole(training=hashes)), "too large")
    yield Hostile("hash.zip", zipped(whole(training=gzip.compress(b"x\n"))), "no list")
    deep = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    yield Hostile("deep.zip", zipped(whole(card=deep)), "JSON")
    nan = _said(threshold=float("nan"))
    yield Hostile("nan.zip", zipped(whole(card=nan)), "JSON")
    yield Hostile("share.zip", zipped(whole(card=_said(threshold=7))), "threshold")
    yield Hostile("other.zip", zipped(whole(card=_said(model="x"))), "of the model")
    swapped = _said(features=json.loads(ours[CARD])["features"][::-1])
    yield Hostile("swapped.zip", zipped(whole(card=swapped)), "another order")
    golden = _said(golden=[{"features": [1] * 8, "score": 0.123}])
    yield Hostile("golden.zip", zipped(whole(card=golden)), "golden")
    yield Hostile("bare.zip", zipped(whole(card=b'{"threshold": 0.5}')), "missing")
    yield Hostile("list.zip", zipped(whole(reference=b"[]")), "no JSON object")
    yield Hostile("within.zip", zipped(whole(model=_loop())), "Loop")


def _twice(ours: dict[str, bytes]) -> bytes:
    info = tarfile.TarInfo(CARD)
    return tarred(ours, info)


def _loop() -> bytes:
    body = helper.make_graph(
        [node("Identity", "go", "again")],
        "body",
        [
            helper.make_tensor_value_info("n", TensorProto.INT64, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
        ],
        [helper.make_tensor_value_info("again", TensorProto.BOOL, [])],
    )
    endless = node("Loop", "most yes", "", body=body)
    ends = [endless, node("MatMul", "features weights", "l"), sigmoid("l")]
    tensors = {"most": np.array(2**62), "yes": np.array(True)}
    return bytes_of(good(ends, tensors))


def _graphs(canary: Path) -> Iterator[Hostile]:
    yield Hostile("loop.onnx", _loop(), "Loop")
    for op, inputs, says in (
        ("If", "yes", "If"),
        ("Scan", "features", "Scan"),
        ("SequenceMap", "features", "SequenceMap"),
        ("RandomUniformLike", "features", "RandomUniformLike"),
        ("Expand", "features shape", "Expand"),
        ("ConstantOfShape", "shape", "ConstantOfShape"),
        ("StringNormalizer", "features", "StringNormalizer"),
        ("ImageDecoder", "features", "ImageDecoder"),
    ):
        yield Hostile(f"{op}.onnx", bytes_of(_with(node(op, inputs, "x"))), says)
    for domain in ("ai.onnx.contrib", "com.microsoft", "my.python", "ai.onnx.training"):
        odd = helper.make_node(
            "PyOp", ["features"], ["x"], domain=domain, code=f"open('{canary}','w')"
        )
        foreign = _with(odd, opsets={"": 17, domain: 1})
        yield Hostile(f"{domain}.onnx", bytes_of(foreign), "domain")
    unsaid = helper.make_node("EPContext", ["features"], ["x"], domain="com.microsoft")
    yield Hostile("unsaid.onnx", bytes_of(_with(unsaid)), "com.microsoft.EPContext")
    yield from _outlines()
    yield from _signatures()
    yield from _orders(canary)


def _with(odd: NodeProto, **more: object) -> ModelProto:
    given = {"shape": np.array([2**40]), "yes": np.array(True)}
    ends = [odd, node("MatMul", "features weights", "l"), sigmoid("l")]
    return good(ends, given, **more)


def _outlines() -> Iterator[Hostile]:
    function = good()
    function.functions.add(name="f", domain="here")
    yield Hostile("function.onnx", bytes_of(function), "functions")
    trained = good()
    trained.training_info.add()
    yield Hostile("training.onnx", bytes_of(trained), "training")
    sparse = good()
    sparse.graph.sparse_initializer.add()
    yield Hostile("sparse.onnx", bytes_of(sparse), "sparse")
    yield Hostile("opset 99.onnx", bytes_of(good(opsets={"": 99})), "opset 99")
    yield Hostile("opset 1.onnx", bytes_of(good(opsets={"": 1})), "opset 1")
    yield Hostile("ir 3.onnx", bytes_of(good(ir_version=3)), "IR version 3")
    yield Hostile("ir 999.onnx", bytes_of(good(ir_version=999)), "IR version 999")
    chain = [node("Identity", f"v{n}", f"v{n + 1}") for n in range(30_000)]
    chain = [node("MatMul", "features weights", "v0"), *chain, sigmoid("v30000")]
    yield Hostile("30000 nodes.onnx", bytes_of(good(chain)), "more than 20,000 parts")
    some = [*chain[:7000], sigmoid("v6999")]
    yield Hostile("7000 nodes.onnx", bytes_of(good(some)), "at most 5,000")
    yield Hostile("unknown.onnx", bytes_of(good()) + b"\xfa\x3e\x03abc", "name for")
    empty = good()
    del empty.graph.node[:]
    yield Hostile("no nodes.onnx", bytes_of(empty), "empty")
    yield Hostile("no graph.onnx", b"\x08\x08", "0 graphs")
    yield Hostile("two graphs.onnx", bytes_of(good()) * 2, "2 graphs")
    tiny = b"\x0a\x00" * 5_000_000
    size = _varint(len(tiny))
    yield Hostile("millions.onnx", b"\x08\x08\x3a" + size + tiny, "more than 20,000")
    yield Hostile("deep.onnx", _nested(200), "deep")


def _nested(depth: int) -> bytes:
    """A graph in an attribute of a node of a graph, and so on."""
    graph = b""
    for _ in range(depth):
        held = b"\x32" + _varint(len(graph)) + graph  # AttributeProto.g
        held = b"\x2a" + _varint(len(held)) + held  # NodeProto.attribute
        graph = b"\x0a" + _varint(len(held)) + held  # GraphProto.node
    return b"\x08\x08\x3a" + _varint(len(graph)) + graph


def _varint(value: int) -> bytes:
    written = bytearray()
    while value > 0x7F:
        written.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*written, value])


def _signatures() -> Iterator[Hostile]:
    plain = [node("MatMul", "x weights", "l"), sigmoid("l")]
    other = good(plain, inputs=[end("x", 8)])
    yield Hostile("other input.onnx", bytes_of(other), "it is x float32")
    nine = good(
        [node("MatMul", "features nine", "l"), sigmoid("l")],
        {"nine": np.ones((9, 1), np.float32)},
        inputs=[end("features", 9)],
    )
    yield Hostile("nine.onnx", bytes_of(nine), r"\[N, 9\]")
    fixed = good(inputs=[end("features", 8, rows=1)])
    yield Hostile("one row.onnx", bytes_of(fixed), r"\[1, 8\]")
    two = good(inputs=[end("features", 8), end("more", 8)])
    yield Hostile("two inputs.onnx", bytes_of(two), "more float32")
    double = good(inputs=[end("features", 8, TensorProto.DOUBLE)])
    yield Hostile("double.onnx", bytes_of(double), "double")
    both = [
        node("MatMul", "features weights", "l"),
        sigmoid("l"),
        node("Abs", "l", "y"),
    ]
    extra = good(both, outputs=[end("probability", 1), end("y", 1)])
    yield Hostile("two outputs.onnx", bytes_of(extra), "y float32")
    label = good(
        [node("MatMul", "features weights", "l"), node("Sigmoid", "l", "label")],
        outputs=[end("label", 1)],
    )
    yield Hostile("label.onnx", bytes_of(label), "it is label")
    wide = good(
        [node("Sigmoid", "features", "probability")], outputs=[end("probability", 8)]
    )
    yield Hostile("eight out.onnx", bytes_of(wide), r"\[N, 8\]")
    given = good(inputs=[end("features", 8), end("weights", 1)])
    yield Hostile("given.onnx", bytes_of(given), "value already")


def _orders(canary: Path) -> Iterator[Hostile]:
    loop = [node("Add", "features b", "a"), node("Add", "a features", "b")]
    ends = [*loop, node("MatMul", "b weights", "l"), sigmoid("l")]
    yield Hostile("round.onnx", bytes_of(good(ends)), "goes round")
    twice = [node("MatMul", "features weights", "l"), sigmoid("l"), sigmoid("l")]
    yield Hostile("given twice.onnx", bytes_of(good(twice)), "given twice")
    sized = [
        node("ReduceMax", "features", "most", keepdims=0),
        node("Cast", "most", "whole", to=TensorProto.INT64),
        node("Reshape", "features whole", "x"),
        *good().graph.node,
    ]
    yield Hostile("sized.onnx", bytes_of(good(sized)), "as large as a row says")
    for path in (str(canary), "../../secret", "..\\secret"):
        told = _with(node("Abs", "features", "x", note=path))
        yield Hostile(f"text {path}.onnx", bytes_of(told), "looks like a path")
    ordered = good()
    ordered.metadata_props.add(key="ort_config", value='{"session_options": {}}')
    yield Hostile("ort_config.onnx", bytes_of(ordered), "ort_config")


def _tensors(canary: Path) -> Iterator[Hostile]:
    for path in (str(canary), "/etc/passwd", "../../../etc/passwd", "beside.bin"):
        far = good()
        tensor = far.graph.initializer[0]
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value=path)
        yield Hostile(f"external {path}.onnx", bytes_of(far), "another file")
    constant = TensorProto(name="c", data_type=FLOAT, dims=[1])
    constant.external_data.add(key="location", value=str(canary))
    odd = _with(node("Constant", "", "x", value=constant))
    yield Hostile("external constant.onnx", bytes_of(odd), "another file")
    for dims, raw, says in (
        ([2**62, 2], b"", "should have"),
        ([-1, 8], b"", "absurd"),
        ([1] * 50, b"1234", "absurd"),
        ([8, 1], b"123", "should have"),
        ([10**6, 10**6], bytes(64), "should have"),
    ):
        bad = good()
        del bad.graph.initializer[0].dims[:]
        bad.graph.initializer[0].dims.extend(dims)
        bad.graph.initializer[0].raw_data = raw
        yield Hostile(f"shape {dims[:3]} {len(raw)}.onnx", bytes_of(bad), says)
    named = good()
    text = TensorProto(name="t", data_type=TensorProto.STRING, dims=[1])
    text.string_data.append(str(canary).encode())
    named.graph.initializer.append(text)
    yield Hostile("string.onnx", bytes_of(named), "holds text")
    same = good()
    same.graph.initializer.append(same.graph.initializer[0])
    yield Hostile("same name.onnx", bytes_of(same), "one name")


def forest(**changed: object) -> ModelProto:
    """One tree of three nodes that is taken, unless something is changed."""
    told: dict[str, object] = {
        "nodes_treeids": [0, 0, 0],
        "nodes_nodeids": [0, 1, 2],
        "nodes_featureids": [2, 0, 0],
        "nodes_modes": ["BRANCH_LEQ", "LEAF", "LEAF"],
        "nodes_values": [1.0, 0.0, 0.0],
        "nodes_truenodeids": [1, 0, 0],
        "nodes_falsenodeids": [2, 0, 0],
        "target_treeids": [0, 0],
        "target_nodeids": [1, 2],
        "target_ids": [0, 0],
        "target_weights": [0.1, 0.9],
        "n_targets": 1,
    }
    trees = helper.make_node(
        "TreeEnsembleRegressor",
        ["features"],
        ["probability"],
        domain="ai.onnx.ml",
        **{**told, **changed},
    )
    return good([trees], opsets={"": 17, "ai.onnx.ml": 3})


def _trees(canary: Path) -> Iterator[Hostile]:
    del canary
    n = 3000
    deep = {
        "nodes_treeids": [0] * (2 * n + 1),
        "nodes_nodeids": list(range(2 * n + 1)),
        "nodes_featureids": [0] * (2 * n + 1),
        "nodes_modes": ["BRANCH_LEQ"] * n + ["LEAF"] * (n + 1),
        "nodes_values": [1.0] * (2 * n + 1),
        "nodes_truenodeids": [*range(1, n + 1)] + [0] * (n + 1),
        "nodes_falsenodeids": [*range(n + 1, 2 * n + 1)] + [0] * (n + 1),
    }
    for name, changed, says in (
        ("feature 8", {"nodes_featureids": [8, 0, 0]}, "feature 8 of 8"),
        ("feature 10^6", {"nodes_featureids": [10**6, 0, 0]}, "feature 1000000"),
        ("feature -1", {"nodes_featureids": [-1, 0, 0]}, "feature"),
        ("itself", {"nodes_truenodeids": [0, 0, 0]}, "round|two ways"),
        ("nowhere", {"nodes_truenodeids": [77, 0, 0]}, "not there"),
        ("both", {"nodes_truenodeids": [2, 0, 0]}, "two ways"),
        ("target 5", {"target_ids": [0, 5]}, "votes for 5"),
        ("no leaf", {"target_nodeids": [1, 99]}, "in no tree"),
        ("short", {"nodes_values": [1.0]}, "each of its nodes"),
        ("deep", deep, "deeper"),
    ):
        yield Hostile(f"tree {name}.onnx", bytes_of(forest(**changed)), says)
    for op, told, says in (
        ("Scaler", {"offset": [0.0] * 3, "scale": [1.0] * 3}, "3 values for 8"),
        ("LinearRegressor", {"coefficients": [1.0] * 4}, "4 coefficients for 8"),
    ):
        odd = helper.make_node(op, ["features"], ["x"], domain="ai.onnx.ml", **told)
        short = _with(odd, opsets={"": 17, "ai.onnx.ml": 3})
        yield Hostile(f"{op}.onnx", bytes_of(short), says)


def _behaviour(canary: Path) -> Iterator[Hostile]:
    del canary
    logit = node("MatMul", "features weights", "logit")
    for name, nodes, tensors, says in (
        ("constant", [node("Mul", "logit zero", "z"), sigmoid("z")], {}, "every row"),
        ("range", [node("Abs", "logit", "probability")], {}, "not from 0 to 1"),
        ("nan", [node("Div", "zero zero", "n"), node("Add", "logit n", "probability")],
         {}, "no number"),
        ("batch", [node("Softmax", "logit", "probability", axis=0)], {}, "differs"),
        ("place", [node("CumSum", "logit axis", "c"), sigmoid("c")], {}, "CumSum"),
        ("square", [node("Transpose", "logit", "t"), node("MatMul", "logit t", "s"),
                    node("ReduceMean", "s", "m", axes=[1]), sigmoid("m")],
         {}, "fails over 65,536|differs|memory"),
        ("five hundred", [node("Reshape", "logit five", "r"), sigmoid("r")],
         {"five": np.array([500, 1])}, "fails over|differs"),
        ("loads not", [node("MatMul", "logit logit", "x"), sigmoid("x")], {},
         "does not load|fails over"),
    ):  # fmt: skip
        given = {"zero": np.zeros(1, np.float32), "axis": np.array(0), **tensors}
        yield Hostile(f"{name}.onnx", bytes_of(good([logit, *nodes], given)), says)
    yield Hostile("slow.onnx", _slow(), "microseconds|longer|ended")


def _slow() -> bytes:
    """Plain operators, far too many of them."""
    size = 600
    nodes = [node("MatMul", "features in", "v0")]
    for n in range(400):
        nodes += [
            node("MatMul", f"v{n} square", f"w{n}"),
            node("Tanh", f"w{n}", f"v{n + 1}"),
        ]
    nodes += [node("MatMul", "v400 out", "l"), sigmoid("l")]
    rng = np.random.default_rng(0)
    tensors = {
        "in": rng.normal(0, 0.01, (8, size)).astype(np.float32),
        "square": rng.normal(0, 0.06, (size, size)).astype(np.float32),
        "out": rng.normal(0, 0.06, (size, 1)).astype(np.float32),
    }
    return bytes_of(good(nodes, tensors))
