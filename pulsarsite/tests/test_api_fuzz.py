"""Whatever the schema allows is answered as the schema says, and nothing breaks.

`benchmarks/fuzz_api.py` asks ten times as often.
"""

import os
import traceback
from collections import Counter

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from django.utils.timezone import now
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from accounts.tokens.make import make
from monitor.processes import detached
from pulsarsite.tests import world
from pulsarsite.tests.operations import words

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

CASES = int(os.environ.get("PULSARSITE_FUZZ", "1000"))
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
# Generated once each, and not made smaller: whoever mends it asks that one again.
ASKED = settings(
    database=None,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_nothing_breaks_and_every_answer_is_of_the_schema(monkeypatch):
    # What is pressed there would go on beside the tests.
    monkeypatch.setattr(detached, "start", lambda *_: None)
    site = world.build()
    admin = site.people["admin"]
    key = make(admin, name="", read_only=False, at=now()).key
    headers = {"Authorization": f"Bearer {key}"}
    schema = schemathesis.openapi.from_wsgi(
        "/api/schema", get_wsgi_application(), headers=headers
    )
    operations = [found.ok() for found in schema.get_all_operations()]
    there = words(site, "open")
    answered: Counter[int] = Counter()

    def ask(case, is_there):
        if is_there:
            asked = case.path_parameters
            known = {name: there[name] for name in asked if name in there}
            asked.update(known)
        with transaction.atomic(), transaction.atomic("events"):
            answer = case.call(headers=headers)
            for alias in ("default", "events"):
                transaction.set_rollback(True, using=alias)
        answered[answer.status_code] += 1
        case.validate_response(answer, checks=CHECKS)

    wrong = []
    for operation in operations:
        cases = given(case=operation.as_strategy(), is_there=st.booleans())
        try:
            settings(ASKED, max_examples=CASES // len(operations) + 1)(cases(ask))()
        # Whatever it is, the other operations are asked as well.
        except Exception as error:  # noqa: BLE001
            wrong.append("".join(traceback.format_exception(error))[-3000:])

    assert "\n\n".join(wrong) == ""
    assert sum(answered.values()) > 0.9 * CASES
    # Neither is everything refused, nor everything taken.
    assert answered[200] > CASES / 10
    assert answered[422] > CASES / 10
