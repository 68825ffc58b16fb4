"""Ask the API ten times as much as the tests do, of whatever its schema allows.

    python benchmarks/fuzz_api.py [--cases N]

N requests (10,000 if nothing is said) are made up from the schema, over all operations
alike, half of them about things that are there; none may be answered 500, and each
answer must be one that the schema declares.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=10_000)
    cases = parser.parse_args().cases
    test = "pulsarsite/tests/test_api_fuzz.py"
    asked = os.environ | {"PULSARSITE_FUZZ": str(cases)}
    sys.exit(
        subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "--durations=1", test],
            cwd=ROOT,
            env=asked,
            check=False,
        ).returncode
    )


if __name__ == "__main__":
    main()
