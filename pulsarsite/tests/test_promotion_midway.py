"""What has begun ends on its own version, whatever is promoted meanwhile."""

import pytest

from monitor.work import Queue, State
from pulsar_ml.features import FEATURES
from registry import serving
from registry.promotion.promote import promote
from registry.promotion.roll_back import roll_back
from registry.tests.promoted import versions
from showroom.case import classify_case
from showroom.classify import classify
from showroom.forms import RowsForm
from showroom.gather import gather
from showroom.tests.conftest import as_csv, every, simulate, stored

pytestmark = pytest.mark.django_db


def test_a_batch_keeps_its_version_and_a_case_gets_the_new_one(tmp_path, person):
    ana = person("admin", "ana")
    old, new, _ = versions(tmp_path)
    table = simulate(40, seed=5)
    batch = gather(
        [stored("sky.csv", as_csv(table))],
        title="sky.csv",
        owner=ana,
        version=old,
        queue=Queue.INTERACTIVE,
    )

    promote(new, by=ana, comparison=None, expected=old, override="tried")
    classify(batch)
    batch.refresh_from_db()
    assert (batch.state, batch.version) == (State.SUCCESS, old)
    form = RowsForm({"sort": "row"}, batch=batch)
    assert form.is_valid()
    scores = [row["probability"] for row in every(batch, form.cleaned_data)]
    assert scores == pytest.approx(serving.serve(old).scorer.score(table).tolist())

    serving._at_alias.cache_clear()
    values = dict(zip(FEATURES, table[0], strict=True))
    assert classify_case(values, by=ana).batch.version == new
    roll_back(old.model, by=ana, reason="", expected=new)
    serving._at_alias.cache_clear()
    assert classify_case(values, by=ana).batch.version == old
