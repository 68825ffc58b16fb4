"""Put down one measured figure; what becomes of it with age is `thin`'s."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from monitor.models import Sample

# What a mean's column of labels takes.
_MOST = 250


def put(name: str, value: float, *, at: datetime, **labels: Any) -> None:
    """Keep one figure; its labels are few, or there is a line for each on the page."""
    if len(key(labels)) > _MOST:
        raise ValueError(f"The labels of {name} are longer than {_MOST} characters.")
    Sample.objects.create(name=name, value=value, at=at, labels=labels)


def key(labels: Mapping[str, Any]) -> str:
    """Labels as text, whatever the order in which they were given."""
    return json.dumps(labels, sort_keys=True, ensure_ascii=False)
