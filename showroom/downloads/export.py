"""Write the rows of a batch into a file, with all that is known of them."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.http import QueryDict

from pulsar_ml import parquet
from pulsar_ml.writers.columns import results
from pulsar_ml.writers.format import Format
from pulsar_ml.writers.sheet import Provenance, Query
from pulsar_ml.writers.write import write
from showroom import parts, rows
from showroom.chips import chips
from showroom.models import Batch

# One's own, and the one on which all agree whose verdicts one sees.
_VERDICTS = (
    ("verdict", "coalesce(own, '')"),
    ("verdict_agreed", "coalesce(agreed, '')"),
)


def export(
    batch: Batch,
    query: Query,
    path: Path,
    kind: Format,
    *,
    selection: str,
    at: datetime,
    seen: Callable[[int, int], None],
) -> int:
    """Write every row of the query and count them; the file is there whole or not."""
    metadata = list(zip(batch.columns, rows.metadata_columns(batch), strict=True))
    asked = QueryDict(selection)
    columns = results(
        [*metadata, *(_VERDICTS if asked.get("verdicts") else ())],
        version=parquet.quoted(str(batch.version)),
        numbered=True,
    )
    provenance = Provenance(
        site=settings.PULSAR.site.name,
        batch=batch.pk,
        title=batch.title,
        model_version=str(batch.version),
        model_sha256=batch.version.sha256,
        threshold=batch.version.card["threshold"],
        selection=selection or "all rows",
        written_at=f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    )
    temp = parts.temporary()
    return write(path, kind, query, columns, provenance, temp=temp, seen=seen)


def file_name(batch: Batch, kind: Format, asked: QueryDict) -> str:
    """What the file is called where it is saved."""
    selected = "-selected" if chips(asked) else ""
    return f"batch-{batch.pk}-scores{selected}{kind.suffixes[0]}"
