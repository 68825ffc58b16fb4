"""Files that are written while they are sent."""

from collections.abc import Iterator
from itertools import chain, islice

from django.http import StreamingHttpResponse


def as_csv(lines: Iterator[str], name: str) -> StreamingHttpResponse:
    """A table, line by line; what cannot be read is said before the file begins."""
    begun = list(islice(lines, 2))  # the heading and the first row
    response = StreamingHttpResponse(
        chain(begun, lines), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
