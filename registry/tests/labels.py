"""What the tests of labels and sentinels share: files of judged candidates."""

from pathlib import Path

from django.contrib.messages import get_messages
from django.http import HttpResponse

from monitor.models import Outbox
from pulsar_ml.features import FEATURES, candidate_hash

HEAD = ",".join(["name", *FEATURES])


def features(n: int) -> list[float]:
    """Of the candidate with this number: no other has the same."""
    return [100.0 + n / 7, 45.5, 0.1, 0.3, 2.5, 20.25, 8.0, 70.0]


def digest(n: int) -> str:
    """Its hash."""
    return candidate_hash(features(n))


def written(path: Path, lines: dict[int, str], columns: str = "label") -> Path:
    """A file of candidates by number, each with what follows its features."""
    rows = [
        ",".join([f"J{n:04}", *map(repr, features(n)), rest])
        for n, rest in lines.items()
    ]
    path.write_text("\n".join([f"{HEAD},{columns}", *rows, ""]))
    return path


def events(*kinds: str) -> list[tuple[str, str, str, dict]]:
    """Kind, thing, person and detail of what was recorded of these kinds."""
    found = Outbox.objects.filter(kind__in=kinds).order_by("pk")
    return list(found.values_list("kind", "about", "who", "detail"))


def text(answer: HttpResponse) -> str:
    """A page with single spaces."""
    return " ".join(answer.content.decode().split())


def said(answer: HttpResponse) -> list[str]:
    """What the next page will tell first."""
    return [str(message) for message in get_messages(answer.wsgi_request)]
