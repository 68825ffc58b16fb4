"""hold(): one at a time, and nobody for ever."""

from datetime import timedelta

import pytest
import time_machine

from monitor.leases import hold
from monitor.models import Lease

pytestmark = [pytest.mark.django_db, pytest.mark.engines]


def test_the_second_does_not_get_what_the_first_holds():
    with hold("pump", 60) as first, hold("pump", 60) as second:
        assert (first, second) == (True, False)
    with hold("pump", 60) as again:
        assert again


def test_names_do_not_stand_in_each_others_way():
    with hold("pump", 60) as one, hold("sweep", 60) as other:
        assert (one, other) == (True, True)


def test_a_lease_that_ran_out_is_taken_and_not_given_back_by_the_first():
    with time_machine.travel("2026-03-01T12:00Z", tick=False) as clock:
        with hold("pump", 60) as first:
            clock.shift(timedelta(seconds=61))
            second = hold("pump", 60)
            taken = second.__enter__()
        assert (first, taken) == (True, True)
        with hold("pump", 60) as third:
            assert not third, "the first gave back what is the second's"
        second.__exit__(None, None, None)


def test_a_clock_that_is_put_back_leaves_nobody_waiting():
    with time_machine.travel("2026-03-02T12:00Z", tick=False) as clock:
        with hold("pump", 60) as first:
            clock.shift(timedelta(seconds=-59))
            # So it is, too, for who looked at the clock first and wrote second.
            with hold("pump", 60) as soon:
                assert (first, soon) == (True, False)
            clock.shift(timedelta(seconds=-2))
            with hold("pump", 60) as soon:
                assert soon
        clock.shift(-timedelta(days=1))
        with hold("pump", 60) as later:
            assert later


def test_a_failure_gives_the_lease_back():
    with pytest.raises(ZeroDivisionError), hold("pump", 60):
        raise ZeroDivisionError
    with hold("pump", 60) as again:
        assert again
    assert Lease.objects.count() == 1
