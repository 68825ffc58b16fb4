"""A version whose training rows nobody knows is compared on no row at all."""

from pulsar_ml.evaluation.contenders import Contender, Known, Margins
from pulsar_ml.evaluation.gate import NOT_COMPARABLE, gate, outcome
from pulsar_ml.tests.test_gate import Made, scores, table


def test_where_nobody_knows_its_rows_nothing_is_compared():
    stranger = Made(1)
    stranger.tells_its_rows = False
    rows = table(scores(150, 8), scores(150, 8))
    known = Known("J0000+0000", "0" * 64, tuple(rows.features[0]))

    found = gate(
        Contender("pulsar/3", stranger),
        Contender("pulsar/2", Made(0)),
        rows,
        [known],
        margins=Margins(),
    )

    assert outcome(found) == NOT_COMPARABLE
    assert (found["rows"], found["pulsars"]) == (0, 0)
    assert found["why"] == "Nobody knows which rows pulsar/3 was trained on."
    assert found["sentinels"]["not_comparable"] == [
        {"name": "J0000+0000", "trained_on_by": "pulsar/3, perhaps"}
    ]
