"""Where a test ends a process, as a power cut would: nothing is tidied up."""

import os


def at(step: str) -> None:
    """End here without a word if the environment names this step."""
    if os.environ.get("PULSARSITE_CRASH_AT") == step:
        os._exit(137)
