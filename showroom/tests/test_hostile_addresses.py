"""However an address of the Showroom is written, the site answers it in words."""

import itertools
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from pulsar_ml.cases import CASES
from showroom.again import again
from showroom.forms import RowsForm, range_of
from showroom.models import Batch, Download
from showroom.start import start
from showroom.tests.conftest import as_csv, simulate, stored
from showroom.urls import urlpatterns

pytestmark = pytest.mark.django_db

HUGE = "9" * 5000
NUMBERS = ["NaN", "inf", "1e400", "1e308", "-1e308", "5e-324", "1e-323", HUGE, "٣", "0"]
ENDS = ["-1e308", "0", "5e-324", "1e-323", "3", "٣", "1e308"]
TEXTS = ["\0", "a\0b", "\udce9", "%ED%A0%80", "'", '"; drop table scores --', "%_\\"]
KEYS = [
    *("[true,1]", "[1,true]", "[0.5,1.5]", "[0.5,-1]", "[NaN,1]", "[1e400,1]"),
    *("[5e-324,1]", "[1e308,1]", "[null,1]", "[0.5,9223372036854775807]"),
    *("[9223372036854775808,1]", "[9223372036854775807,1]", f"[{HUGE},1]"),
    *('["x",1]', '["\\u0000",1]', '["\\ud800",1]', '{"a":1,"b":2}', "[" * 9000),
]
SORTS = [
    *("row", "-name", "warnings", "-predicted", "prof_mean", "-meta_0", "meta_9"),
    *("", "--row", "row,name"),
]
# One of each kind, for what takes it all the same way.
SOME = ["NaN", HUGE, "\udce9", "[true,1]", "-meta_9"]
NAMES = [
    *("text", "predicted", "warning", "low", "high", "sort", "after", "before"),
    *("x", "y", "only", "row", "reason", "page", "mask", "version", "same"),
    *("private", "deleted", "owner", "prof_mean_from", "dm_skew_to"),
    *("verdict", "judge", "verdicts", "earlier", "blind"),
]
HTMX = {"HX-Request": "true"}


@pytest.fixture
def filled(champion, researcher):
    """What stands in the addresses of two batches and of a download that are there."""
    own = {"period": [str(n) if n % 3 else "" for n in range(40)], "note": ["x"] * 40}
    table = as_csv(simulate(40), **own) + b"not,a,row\n"
    first = start([stored("sky.csv", table)], owner=researcher)
    second = again(first, first.version, by=researcher)
    download = Download.objects.create(batch=first, by=researcher, format="csv")
    return {
        "number": first.pk,
        "other": second.pk,
        "row": 1,
        "pk": download.pk,
        "slug": CASES[0].slug,
        "theme": "light",
        "suffix": "fits",
    }


@pytest.fixture
def fails(ana):
    """Ask for a page, and tell with what the site fails at it."""
    ana.raise_request_exception = False

    def ask(address, *query):
        text = urlencode(query, errors="surrogatepass")
        answer = ana.get(f"{address}?{text}", headers=HTMX)
        if answer.streaming:
            list(answer.streaming_content)
        return [(address, text[:200])] if answer.status_code >= 500 else []

    return ask


def addresses(filled):
    """Every address of the Showroom, by its name."""
    return {
        pattern.name: reverse(
            f"showroom:{pattern.name}",
            kwargs={name: filled[name] for name in pattern.pattern.converters},
        )
        for pattern in urlpatterns
    }


def test_no_query_makes_an_address_fail(filled, fails):
    failed = []
    for address, value in itertools.product(addresses(filled).values(), SOME):
        failed += fails(address, *((name, value) for name in NAMES))
    assert failed == []


FIELDS = {
    "index": ["page", "version"],
    "storage": ["page", "deleted", "owner"],
    "batch-shortlist": ["page", "reason"],
    "batch-open": ["row"],
    "batch-again": ["private", "version"],
    "batch-against": ["only", "after", "before"],
}


def test_no_value_of_a_field_makes_its_page_fail(filled, fails):
    """One by one, so that a value that is refused does not hide another."""
    of, failed = addresses(filled), []
    for page, names in FIELDS.items():
        for name in names:
            values = KEYS if name in {"after", "before"} else [*NUMBERS, *TEXTS]
            for value in values:
                failed += fails(of[page], (name, value))
    assert failed == []


def test_no_filter_and_no_key_makes_the_rows_fail(filled, fails):
    """What the form refuses no page reads; what it takes every page does."""
    batch = Batch.objects.get(pk=filled["number"])
    asked = [{"text": text} for text in TEXTS]
    # One feature on a straight axis, and one on a stretched one.
    for feature, ends in itertools.product(
        ("prof_mean", "dm_skew"), itertools.pairwise(ENDS)
    ):
        asked.append(dict(zip(range_of(feature), ends, strict=True)))
    keys = [
        {"sort": sort, way: key}
        for sort, key, way in itertools.product(SORTS, KEYS, ("after", "before"))
    ]
    pages, failed, n = addresses(filled), [], 0
    for query in [*asked, *keys]:
        if not RowsForm(query, batch=batch).is_valid():
            continue
        n += 1
        if "sort" in query:
            failed += fails(pages["batch"], *query.items())
        else:
            axes = {"x": "prof_mean", "y": "dm_skew"}
            failed += fails(pages["batch-space"], *(query | axes).items())
    assert failed == []
    assert n > 50


def test_no_number_in_a_path_makes_an_address_fail(filled, fails):
    failed = []
    for name in ("number", "other", "row", "pk"):
        for number in ("0", str(2**63 - 1), str(2**63), HUGE):
            changed = addresses(filled | {name: number})
            usual = addresses(filled)
            for page, address in changed.items():
                failed += fails(address) if address != usual[page] else []
    assert failed == []


def test_no_count_of_rows_makes_their_page_fail(filled, fails):
    address, failed = addresses(filled)["batch-open"], []
    for n in (999, 1001, 5000):
        failed += fails(address, *(("row", number) for number in range(n)))
    assert failed == []
