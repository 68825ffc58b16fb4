"""What a file is that is no ONNX, told by its first bytes; it is never opened."""

import io
import pickletools
import zipfile
import zlib
from itertools import islice

_PEEK = 4096
_PACKED = (
    (b"\x1f\x8b", "gzip"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"BZh", "bzip2"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"]\x00\x00", "lzma"),
    (b"ZF", "an old joblib's zlib"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!", "RAR"),
)
_KNOWN = (
    (b"\x89HDF\r\n", "an HDF5 file, such as Keras writes"),
    (b"GGUF", "a GGUF file"),
    (b"\x93NUMPY", "a NumPy array, which may hold a pickle"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"#!", "a script"),
    (b"%PDF", "a PDF"),
    (b"SQLite format 3\x00", "a SQLite database"),
    (b"version https://git-lfs", "a pointer of Git LFS, and not the file itself"),
    (b"<", "a page or XML"),
    (b"{", "JSON"),
)
# By what stands in a zip.
_IN_ZIP = (
    ("data.pkl", "a PyTorch file, which is a pickle in a zip"),
    ("schema.json", "a skops file, which is near to a pickle"),
    ("config.json", "a Keras file"),
    (".npy", "a NumPy archive, which may hold pickles"),
    (".class", "a Java archive"),
    (".pkl", "a zip archive with a pickle in it"),
    (".joblib", "a zip archive with a pickle in it"),
    (".onnx", "a zip archive with an ONNX in it; bring the .onnx itself"),
)
PICKLE = "a pickle, such as joblib and scikit-learn write"


def told(raw: bytes) -> str:
    """Name a file by its content.

    Parameters
    ----------
    raw : bytes
        All of it.

    Returns
    -------
    str
        Such as "a pickle"; empty where it may be an ONNX.
    """
    if raw[4:8] == b"ORTM":
        return "a model in the format of onnxruntime itself (ORT)"
    if raw[4:8] == b"TFL3":
        return "a TensorFlow Lite file"
    if raw[:2] == b"PK":
        return _zip(raw)
    if raw[:1] == b"\x80" or _is_old_pickle(raw):
        return PICKLE
    for magic, packer in _PACKED:
        if raw.startswith(magic):
            return _packed(raw, packer)
    if raw[:1] == b"\x78" and (raw[0] * 256 + raw[1]) % 31 == 0:
        return _packed(raw, "zlib")
    return next((what for magic, what in _KNOWN if raw.startswith(magic)), "")


def _zip(raw: bytes) -> str:
    try:
        names = zipfile.ZipFile(io.BytesIO(raw)).namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return "a broken zip archive"
    for ending, what in _IN_ZIP:
        if any(name.endswith(ending) for name in names):
            return what
    return "a zip archive"


def _packed(raw: bytes, packer: str) -> str:
    """Look no further than into its first bytes, and that without a library for it."""
    inside = b""
    if packer in {"gzip", "zlib"}:
        unpack = zlib.decompressobj(zlib.MAX_WBITS | 32)
        try:
            inside = unpack.decompress(raw[:_PEEK], _PEEK)
        except zlib.error:
            return f"a broken file packed by {packer}"
    if inside[:1] == b"\x80" or _is_old_pickle(inside):
        return f"a pickle, packed by {packer}"
    return f"a file packed by {packer}, as joblib packs pickles"


def _is_old_pickle(raw: bytes) -> bool:
    """Whether it reads like a pickle of the first protocols; nothing of it is run."""
    if raw[:1] not in {b"c", b"(", b"]", b"}", b"i", b"l", b"d", b"I", b"S", b"V"}:
        return False
    try:
        names = [op.name for op, _, _ in islice(pickletools.genops(raw[:_PEEK]), 3)]
    except ValueError:
        return False
    return len(names) > 1
