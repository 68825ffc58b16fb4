"""Do the clients of other model servers get from the site what it tells its own?

    PULSARSITE_DATA=... python benchmarks/clients.py [--rows N] [--theirs PYTHON]

starts a site as bin/serve does, with a storage of its own, and asks it for one row and
for N (1,000 if nothing is said) as its own programs do. Then tritonclient, the client
of the Open Inference Protocol and that of MLflow's scoring server ask for the server,
for the model and for the same rows, in each form that they have. Exit code 1 if one of
them hears anything else.

PYTHON is an interpreter that has them; without it, an environment is made by pip, as
long as this runs.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.forest_site import environment, forest_site, write_known
from benchmarks.load import ask, request
from benchmarks.request_parts import PATH
from pulsar_ml.features import FEATURES
from pulsarsite.tests.site import ROOT

THEIRS = (
    "mlflow>=3,<4",
    "tritonclient[http]>=2.73,<3",
    "open-inference-openapi>=2,<3",
    "httpx",
)


def main() -> int:
    """Ask, and print what each has heard."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--theirs", type=Path, metavar="PYTHON")
    options = parser.parse_args()
    with TemporaryDirectory(prefix="pulsarsite-clients-") as temporary:
        folder = Path(temporary)
        python = options.theirs or environment(folder, *THEIRS)
        rows = write_known(folder / "known.npz")[: options.rows]
        with forest_site(folder) as (site, key):
            body = json.dumps({"data": rows.tolist()}).encode()
            headers = {"Authorization": f"Bearer {key}"}
            port = int(site.url.rpartition(":")[2])
            told = json.loads(ask(port, request(PATH, body, headers)))["predictions"]
            np.savez(
                folder / "asked.npz",
                names=np.array(FEATURES),
                features=rows,
                **{
                    name: np.array([one[name] for one in told])
                    for name in ("probability", "predicted")
                },
            )
            return subprocess.run(
                [
                    *(python, ROOT / "benchmarks/their_clients.py"),
                    *(site.url, key, folder / "asked.npz"),
                ],
                check=False,
            ).returncode


if __name__ == "__main__":
    sys.exit(main())
