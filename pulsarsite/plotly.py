"""Plotly's script as a static file, straight from the package that ships it."""

from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.exceptions import ImproperlyConfigured
from django.core.files.storage import FileSystemStorage

_NAME = "plotly.min.js"


class PlotlyFinder(BaseFinder):
    """Finds plotly/plotly.min.js, and none of what else the package holds."""

    def __init__(self) -> None:
        # Not imported: its Python part is large and nothing here needs it.
        spec = find_spec("plotly")
        if spec is None or not spec.submodule_search_locations:
            raise ImproperlyConfigured("plotly is not installed; run bin/setup.")
        package = Path(next(iter(spec.submodule_search_locations)))
        self.folder = package / "package_data"
        self.storage = FileSystemStorage(self.folder)
        self.storage.prefix = "plotly"  # type: ignore[attr-defined]

    def find(  # type: ignore[override]
        self, path: str, *, find_all: bool = False, **_options: Any
    ) -> str | list[str]:
        if path != f"plotly/{_NAME}":
            return []
        found = str(self.folder / _NAME)
        return [found] if find_all else found

    def list(self, _ignore_patterns: Iterable[str] | None) -> Iterable[Any]:
        yield _NAME, self.storage
