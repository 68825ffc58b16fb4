"""The example notebook runs as it is shipped, and says what it said."""

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "docs" / "example.ipynb"


def outputs(notebook) -> list[str]:
    """What its cells gave as text, pictures aside."""
    return [
        output["data"]["text/plain"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "image/png" not in output["data"]
    ]


@pytest.mark.slow
def test_the_example_runs_and_its_candidates_and_scores_are_those_shown():
    shipped = nbformat.read(NOTEBOOK, as_version=4)
    assert NOTEBOOK.stat().st_size < 150_000
    shown = outputs(shipped)
    notebook = NotebookClient(
        shipped, timeout=120, resources={"metadata": {"path": str(ROOT)}}
    ).execute()
    pictures = [
        output
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    assert len(pictures) == 1
    assert outputs(notebook) == shown
