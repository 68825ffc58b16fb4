"""gather: what apps declare is measured each minute, whatever fails beside it."""

from datetime import UTC, datetime

import pytest

from monitor.figures import gather

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_one_that_fails_keeps_no_other_from_measuring(monkeypatch, caplog):
    monkeypatch.setattr(gather, "declared", [])
    measured = []

    def fails(at: datetime) -> None:
        raise OSError("gone")

    for gatherer in (fails, measured.append, measured.append):
        gather.declare(gatherer)
    gather.declare(fails)
    # The tick, whose part this is, has failed then.
    with pytest.raises(OSError, match="gone"):
        gather.gather(AT)
    assert measured[0] == AT
    assert caplog.text.count("could not be measured") == 1
