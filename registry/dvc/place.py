"""Put an export's files into a DVC repository: cache, folder, `.gitignore`, `.dvc`."""

import configparser
import shutil
from pathlib import Path

from monitor import crash
from pulsar_ml.place import sync
from registry.dvc.errors import Refused
from registry.dvc.metadata import Described, describe
from registry.exports.write import FILES
from registry.models import Export

# Where git and DVC look for nothing.
DRAFTS = Path(".dvc", "tmp", "pulsarsite")
READ_ONLY = 0o444  # as DVC keeps what others link to


def placed(root: Path, export: Export) -> list[Path]:
    """Place it unless it is there; the paths that git keeps, from the root on."""
    draft = root / DRAFTS / "export"
    # What one left that was killed here.
    shutil.rmtree(draft, ignore_errors=True)
    try:
        draft.mkdir(parents=True)
        for name in FILES:
            _copy(export.folder / name, draft / name)
        return _placed(root, export, draft)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _placed(root: Path, export: Export, draft: Path) -> list[Path]:
    described, target = describe(draft), root / where(export)
    if target.exists() and describe(target) != described:
        raise Refused(f"{where(export)} in the repository holds other files already.")
    _cache(root, draft, described)
    crash.at("dvc.cached")
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        sync(draft)
        draft.rename(target)
        sync(target.parent)
    crash.at("dvc.placed")
    ignored, told = target.parent / ".gitignore", target.with_name(f"{target.name}.dvc")
    _ignore(root, ignored, f"/{export.number}")
    # The last: what it names is there.
    _write(root, told, described.text(export.number))
    crash.at("dvc.described")
    return [path.relative_to(root) for path in (ignored, told)]


def where(export: Export) -> Path:
    """The folder of an export, from the root of the repository on."""
    return Path("labels", export.model.name, str(export.number))


def _cache(root: Path, draft: Path, described: Described) -> None:
    kept = cache(root) / "files" / "md5"
    for name, digest in described.hashes.items():
        _keep(kept / digest[:2] / digest[2:], (draft / name).read_bytes())
    _keep(kept / described.md5[:2] / described.md5[2:], described.listing)


def cache(root: Path) -> Path:
    """Where the repository keeps contents: beside its settings, or as these say."""
    told = configparser.ConfigParser(interpolation=None)
    try:
        told.read([root / ".dvc" / name for name in ("config", "config.local")])
    except (configparser.Error, UnicodeDecodeError) as error:
        raise Refused("The .dvc/config of the repository cannot be read.") from error
    return root / ".dvc" / told.get("cache", "dir", fallback="cache")


def _keep(path: Path, content: bytes) -> None:
    if path.exists() and path.stat().st_size == len(content):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    # Beside it, as a cache may lie on a disk of its own.
    draft = path.with_name(f".{path.name}.writing")
    draft.unlink(missing_ok=True)
    draft.write_bytes(content)
    draft.chmod(READ_ONLY)
    sync(draft)
    draft.replace(path)


def _ignore(root: Path, path: Path, line: str) -> None:
    """Keep git from the data: a line more, whatever stands there."""
    lines = path.read_text().splitlines() if path.exists() else []
    if line not in lines:
        _write(root, path, "\n".join([*lines, line, ""]))


def _write(root: Path, path: Path, text: str) -> None:
    if path.exists() and path.read_text() == text:
        return
    draft = root / DRAFTS / "text"
    draft.write_text(text)
    sync(draft)
    draft.replace(path)
    sync(path.parent)


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    sync(target)
