"""Which version of the site this is, for machines."""

from collections.abc import Iterator

from prometheus_client import Metric
from prometheus_client.core import InfoMetricFamily

import pulsarsite
from monitor.metrics.declared import PREFIX


def build() -> Iterator[Metric]:
    """One line that is always 1."""
    version = {"version": pulsarsite.__version__}
    yield InfoMetricFamily(f"{PREFIX}build", "The version of the site", version)
