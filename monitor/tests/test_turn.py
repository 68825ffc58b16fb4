"""Whose turn it is: never two clocks, and no waiting for the same one."""

import os
import socket
import subprocess
from datetime import timedelta

import pytest
from django.utils import timezone

from monitor.clock import turn
from monitor.clock.turn import SILENT, Holder, OtherClock
from monitor.models import Ping

pytestmark = [pytest.mark.django_db, pytest.mark.engines]

HERE = socket.gethostname()
ME = Holder("embedded", HERE, os.getpid(), "/var/a site")
NOW = timezone.now()


@pytest.fixture(scope="module")
def dead() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def test_the_first_clock_begins_with_this_minute():
    assert turn.take(ME, NOW) == NOW
    ping = Ping.objects.get()
    assert (ping.slug, ping.succeeded_at, ping.started_at) == ("clock", NOW, NOW)
    assert Holder.named(ping.by) == ME


@pytest.mark.parametrize(
    "other",
    [
        ME._replace(mode="host", pid=os.getppid()),
        ME._replace(host="elsewhere", mode="host"),
        ME._replace(host="elsewhere"),
        ME._replace(root="/var/another", pid=os.getppid()),
    ],
)
def test_another_clock_is_not_joined_until_it_is_silent(other):
    turn.take(other, NOW)
    with pytest.raises(OtherClock, match=f"{other.mode}, process {other.pid}"):
        turn.take(ME, NOW + SILENT - timedelta(seconds=1))
    assert Holder.named(Ping.objects.get().by) == other
    turn.take(ME, NOW + SILENT)
    assert Holder.named(Ping.objects.get().by) == ME


def test_the_same_clock_started_again_goes_on_at_once_where_it_was(dead):
    turn.take(ME._replace(pid=dead), NOW)
    assert turn.take(ME, NOW + timedelta(minutes=1)) == NOW


def test_a_clock_whose_process_has_died_is_followed_at_once(dead):
    turn.take(ME._replace(pid=dead, root="/var/another"), NOW)
    turn.take(ME, NOW)


def test_a_clock_that_has_left_is_followed_at_once():
    other = ME._replace(mode="host", pid=os.getppid())
    turn.take(other, NOW)
    turn.leave(other)
    turn.take(ME, NOW)


def test_a_clock_hears_that_another_has_taken_over():
    turn.take(ME._replace(pid=1), NOW)
    assert turn.sign(ME._replace(pid=1), NOW, NOW)
    turn.take(ME, NOW)
    assert not turn.sign(ME._replace(pid=1), NOW, NOW)
    assert turn.sign(ME, NOW, NOW)


def test_a_host_whose_tick_has_ended_still_keeps_time(dead):
    turn.take(ME._replace(mode="host", pid=dead), NOW)
    with pytest.raises(OtherClock, match="host, process"):
        turn.take(ME, NOW + timedelta(minutes=1))
    turn.take(ME._replace(mode="host"), NOW + timedelta(minutes=1))


def test_looking_whose_turn_it_is_takes_none():
    assert turn.refuse(ME, NOW).by == ""
    turn.take(ME._replace(host="elsewhere"), NOW)
    with pytest.raises(OtherClock):
        turn.refuse(ME, NOW)
    assert Holder.named(Ping.objects.get().by).host == "elsewhere"
