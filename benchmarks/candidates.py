"""What one raw candidate costs: parse and features, panels, picture, explanation.

    python benchmarks/candidates.py [FOLDER] [--model ARTEFACT] [--repeat N]

FOLDER holds PHCX and PFD files; without it the ready cases are simulated. Medians over
the files, each timed N times and its fastest taken; one thread.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1]))

from pulsar_ml.candidate import Candidate, open_candidate
from pulsar_ml.cases import CASES
from pulsar_ml.errors import BadInput
from pulsar_ml.explain import shapley
from pulsar_ml.plots import figures, render
from pulsar_ml.serving import Scorer, shipped


def main() -> None:
    """Measure and print a table, in milliseconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--model", type=Path, help="default: the first one shipped")
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    scorer = Scorer(options.model or shipped()[0])
    with TemporaryDirectory() as folder:
        files = candidates(options.folder or simulated(Path(folder)))
        rows = [(c.kind, measure(path, c, scorer, options.repeat)) for path, c in files]
    for kind in sorted({kind for kind, _ in rows}):
        of_kind = [times for name, times in rows if name == kind]
        print(f"{kind}: {len(of_kind)} files")
        for what in ("parse + features", "panels", "figures", "PNG", "SVG", "reasons"):
            seen = [times[what] for times in of_kind if what in times]
            if seen:
                print(f"  {what:17} {median(seen) * 1e3:8.2f} ms")


def simulated(folder: Path) -> Path:
    """Write the ready cases in both formats."""
    for case in CASES:
        (folder / f"{case.slug}.phcx.gz").write_bytes(case.phcx())
        (folder / f"{case.slug}.pfd").write_bytes(case.simulated().to_pfd())
    return folder


def candidates(folder: Path) -> list[tuple[Path, Candidate]]:
    """All files of a folder that are raw candidates."""
    found = []
    for path in sorted(folder.iterdir()):
        try:
            found.append((path, open_candidate(path)))
        except BadInput:
            continue
    return found


def measure(
    path: Path, candidate: Candidate, scorer: Scorer, repeat: int
) -> dict[str, float]:
    """Seconds of each step for one file."""
    panels, header = candidate.panels(), candidate.header

    def fastest(step: Callable[[], object]) -> float:
        times = []
        for _ in range(repeat):
            start = time.perf_counter()
            step()
            times.append(time.perf_counter() - start)
        return min(times)

    times = {
        "panels": fastest(lambda: open_candidate(path).panels())
        - fastest(lambda: open_candidate(path)),
        "figures": fastest(lambda: figures(panels, header)),
        "PNG": fastest(lambda: render(panels, header)),
        "SVG": fastest(lambda: render(panels, header, format="svg")),
    }
    try:
        features = candidate.features()
    except BadInput:
        return times
    times["parse + features"] = fastest(lambda: open_candidate(path).features())
    times["reasons"] = fastest(lambda: shapley(scorer, features))
    return times


if __name__ == "__main__":
    main()
