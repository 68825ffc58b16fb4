"""Which version of the site this is, for machines."""

from typing import TYPE_CHECKING

import pulsarsite
from monitor.metrics.declared import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client import Metric


def build() -> "Iterator[Metric]":
    """One line that is always 1."""
    from prometheus_client.core import InfoMetricFamily  # noqa: PLC0415  # slow

    version = {"version": pulsarsite.__version__}
    yield InfoMetricFamily(f"{PREFIX}build", "The version of the site", version)
