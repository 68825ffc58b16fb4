"""What the tests of exports share: labels, and exports that were worked on."""

from datetime import UTC, datetime, timedelta

from registry.exports.ask import ask
from registry.exports.work import work
from registry.models import Export, Label, Model
from registry.tests.labels import digest, features

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def model() -> Model:
    return Model.objects.get_or_create(name="pulsar")[0]


def label(n: int, person=None, verdict: str = "T1_CAND", **values) -> Label:
    return Label.objects.create(
        **{
            "name": f"J{n:04}",
            "hash": digest(n),
            "features": features(n),
            "verdict": verdict,
            "drawn": "api",
            "person": person,
            "at": AT + timedelta(minutes=n),
        }
        | values
    )


def asked() -> Export:
    return ask(model(), by=None).export


def worked(export: Export) -> Export:
    """It, when it was worked on."""
    work(Export.objects.select_related("model").get(pk=export.pk))
    return Export.objects.select_related("model").get(pk=export.pk)


def given(export: Export) -> list[int]:
    """The labels that it holds."""
    return list(export.exported.order_by("label").values_list("label", flat=True))
