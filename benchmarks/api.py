"""One candidate through the REST API, beside a bare server and MLflow's.

    PULSARSITE_DATA=... python benchmarks/api.py [--seconds N] [--repeat N]
        [--ways bare mlflow invocations] [--rows 1 10000] [--clients 1 16]
        [--mlflow PYTHON] [--profile]

All answer the same rows by the same Random Forest, in the same run and in turn, each
with as many processes as the site's web section says, for N seconds, N times:

- the site, `POST /api/models/production/pulsar` with a token: each answer is kept;
- bare: the same ONNX behind the same gunicorn, in a dozen lines (bare_server.py);
- mlflow: `mlflow models serve` of a forest that scikit-learn has learned from the same
  rows by the same parameters; rows come as `inputs`, which it takes fastest;
- invocations: the site, asked as MLflow's server is.

PYTHON is an interpreter that has `servers.THEIRS`; without it, an environment is made
by pip, as long as this runs. Before anything is measured, all answers are held against
each other. MLflow's forest tells shares of votes; the sigmoid that the site puts upon
them is done here. With --profile, what one request of the site consists of.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.forest_site import environment, forest_site, write_known
from benchmarks.load import Load, ask, keep_asking, together
from benchmarks.servers import KNOWN, THEIRS, Rows, Way, bare, mlflow, of_site
from benchmarks.upload import row
from pulsarsite.tests.site import ROOT, Site

SITE, BARE, MLFLOW, INVOCATIONS = "site", "bare", "mlflow", "invocations"
NAMES = {
    SITE: "the site",
    BARE: "bare",
    MLFLOW: "MLflow",
    INVOCATIONS: "the site, `/invocations`",
}
# scikit-learn adds votes up in float64, onnxruntime in float32.
TOLERANCE = 1e-6
PROFILED = 500
# Milliseconds of a part that is worth a line.
LEAST = 0.005


def main() -> None:
    """Measure and print tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--ways", nargs="+", choices=NAMES, default=list(NAMES))
    parser.add_argument("--rows", type=int, nargs="+", default=[1, 10_000])
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 16])
    parser.add_argument("--mlflow", type=Path, metavar="PYTHON")
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    with TemporaryDirectory(prefix="pulsarsite-api-") as temporary:
        folder = Path(temporary)
        known = write_known(folder / KNOWN)
        if MLFLOW in options.ways and not options.mlflow:
            options.mlflow = environment(folder, *THEIRS)
        with forest_site(folder) as (site, key):
            with ready(folder, site, key, options) as ways:
                compare(ways, known[: max(options.rows)])
                p50 = measure(ways, known, options)
            if options.profile:
                for n in options.rows:
                    profile(site, key, known[:n], p50.get(n, {}))


@contextmanager
def ready(
    folder: Path, site: Site, key: str, options: argparse.Namespace
) -> Iterator[dict[str, Way]]:
    """All that are to be asked; the site is one of them."""
    ways = {SITE: of_site(site, key)}
    with ExitStack() as started:
        if BARE in options.ways:
            ways[BARE] = started.enter_context(bare(folder))
        if MLFLOW in options.ways:
            ways[MLFLOW] = started.enter_context(mlflow(folder, options.mlflow))
        if INVOCATIONS in options.ways:
            ways[INVOCATIONS] = of_site(site, key, invocations=True)
        yield ways


def compare(ways: dict[str, Way], rows: Rows) -> None:
    """Have all of them answer all rows, and say how far they are apart."""
    site = answered(ways[SITE], rows)
    for name, way in ways.items():
        if name != SITE:
            apart = np.abs(answered(way, rows) - site).max()
            if apart > TOLERANCE:
                sys.exit(f"{NAMES[name]} differs by up to {apart:.2g}.")
            print(f"{NAMES[name]}: {len(rows):,} rows as the site, up to {apart:.1g}")
    print()


def answered(way: Way, rows: Rows) -> Rows:
    found = way.read(ask(way.port, way.asked(rows)))
    if len(found) != len(rows):
        sys.exit(f"{len(rows)} rows were asked, {len(found)} answered.")
    return found


def measure(
    ways: dict[str, Way], known: Rows, options: argparse.Namespace
) -> dict[int, dict[str, float]]:
    """Print a table; give by rows and way what one client waits, in milliseconds."""
    times = ("p50 ms", "p95 ms", "calls a second", "clients' CPU ms")
    row("rows", "clients", "way", "calls", *times, "of bare", "of the site")
    row(*["---"] * 10)
    alone: dict[int, dict[str, float]] = {}
    for n in options.rows:
        asked = {name: way.asked(known[:n]) for name, way in ways.items()}
        for clients in options.clients:
            loads = in_turn(ways, asked, clients, options)
            p50 = {name: ms(load, 50) for name, load in loads.items()}
            for name, load in loads.items():
                row(
                    f"{n:,}",
                    str(clients),
                    NAMES[name],
                    f"{len(load.took):,}",
                    f"{p50[name]:.2f}",
                    f"{ms(load, 95):.2f}",
                    f"{len(load.took) / load.wall:.1f}",
                    f"{load.processor / len(load.took) * 1000:.2f}",
                    f"{p50[name] / p50[BARE]:.2f}" if BARE in p50 else "",
                    f"{p50[name] / p50[SITE]:.2f}",
                )
            if clients == 1:
                alone[n] = p50
    return alone


def in_turn(
    ways: dict[str, Way],
    asked: dict[str, bytes],
    clients: int,
    options: argparse.Namespace,
) -> dict[str, Load]:
    """What each came to, all rounds together; what comes first in each is not seen."""
    loads: dict[str, list[Load]] = {name: [] for name in ways}
    for _ in range(options.repeat):
        for name, way in ways.items():
            keep_asking(way.port, asked[name], clients, 0)
            load = keep_asking(way.port, asked[name], clients, options.seconds)
            loads[name].append(load)
    return {name: together(every) for name, every in loads.items()}


def ms(load: Load, percent: int) -> float:
    return float(np.percentile(load.took, percent)) * 1000


def profile(site: Site, key: str, rows: Rows, p50: dict[str, float]) -> None:
    """Print what a request consists of, and what of it is no part of the site."""
    body = site.config.parent / "body.json"
    body.write_text(json.dumps({"data": rows.tolist()}))
    n = max(5, PROFILED // len(rows))
    done = subprocess.run(
        [sys.executable, "benchmarks/request_parts.py", key, body, str(n)],
        cwd=ROOT,
        env=os.environ | {"CONFIG_FILE": str(site.config)},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    parts = json.loads(done.stdout.strip().rpartition("\n")[2])
    whole = sum(parts.values())
    print()
    row(f"part of a request of {len(rows):,} rows, quicker half of {n}", "ms", "share")
    row(*["---"] * 3)
    for part, took in sorted(parts.items(), key=lambda one: -one[1]):
        if took >= LEAST:
            row(part, f"{took:.3f}", f"{took / whole:.0%}")
    row("the whole, in process", f"{whole:.3f}", "")
    if p50:
        row("gunicorn, its threads, the wire", f"{p50[SITE] - whole:.3f}", "")
        row("the whole, by HTTP", f"{p50[SITE]:.3f}", "")
    if BARE in p50:
        row("bare, by HTTP", f"{p50[BARE]:.3f}", "")


if __name__ == "__main__":
    main()
