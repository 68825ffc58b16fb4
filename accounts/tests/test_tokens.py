"""A key opens as long as its token holds, and nothing of it is kept."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Token
from accounts.tokens import find as finding
from accounts.tokens.find import find, is_key
from accounts.tokens.make import digest, make
from accounts.tokens.revoke import revoke

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def nothing_known():
    finding._known.cache_clear()


@pytest.fixture
def ana(person):
    return person("researcher", "ana")


def test_a_key_is_found_again_and_not_kept(ana):
    token, key = make(ana, name="pipeline", read_only=True, at=AT, days=30)
    again = Token.objects.get()

    assert find(key, AT) == token
    assert key.startswith("psr_")
    assert is_key(key)
    assert len(key) == len("psr_") + 43
    assert key not in map(str, vars(again).values())
    assert (again.key_sha256, again.hint) == (digest(key), key[:10])
    assert (again.user, again.name, again.read_only) == (ana, "pipeline", True)
    assert again.expires_at == AT + timedelta(days=30)


def test_a_key_that_writes_says_so(ana):
    assert make(ana, name="", read_only=False, at=AT).key.startswith("psw_")


def test_two_keys_are_never_the_same(ana):
    keys = {make(ana, name="", read_only=True, at=AT).key for _ in range(20)}
    assert len(keys) == 20


@pytest.mark.parametrize("text", ["", "Bearer", "psr", "xpsr_abc", "PSR_abc"])
def test_other_texts_are_no_keys_of_ours(text):
    assert not is_key(text)


def test_a_key_that_nobody_made_opens_nothing(ana):
    make(ana, name="", read_only=True, at=AT)
    assert find("psr_", AT) is None
    assert find("psr_" + "a" * 43, AT) is None


def test_it_ends_at_its_time(ana):
    _, key = make(ana, name="", read_only=True, at=AT, days=1)
    end = AT + timedelta(days=1)

    assert find(key, end - MINUTE)
    assert find(key, end) is None


def test_without_an_end_it_holds(ana):
    _, key = make(ana, name="", read_only=True, at=AT)
    assert find(key, AT + timedelta(days=36_500))


def test_one_that_is_revoked_opens_nothing_within_a_second(ana, monkeypatch):
    token, key = make(ana, name="", read_only=True, at=AT)
    clock = 100.0
    monkeypatch.setattr(finding.time, "monotonic", lambda: clock)
    assert find(key, AT)

    assert revoke(token, AT)
    assert not revoke(token, AT + MINUTE)
    assert find(key, AT)  # so quickly nobody hears of it
    clock += finding.SECONDS
    assert find(key, AT) is None
    assert Token.objects.get().revoked_at == AT


def test_nobody_comes_in_for_somebody_who_may_not(ana):
    _, key = make(ana, name="", read_only=True, at=AT)
    ana.is_active = False
    ana.save()
    assert find(key, AT) is None


def test_the_last_use_is_kept_to_the_minute(ana, django_assert_num_queries):
    _, key = make(ana, name="", read_only=True, at=AT)

    def used(at: datetime) -> datetime | None:
        find(key, at)
        return Token.objects.get().last_used_at

    assert Token.objects.get().last_used_at is None
    assert used(AT) == AT
    assert used(AT + MINUTE / 2) == AT
    assert used(AT + MINUTE) == AT + MINUTE
    finding._known.cache_clear()
    with django_assert_num_queries(1):
        find(key, AT + MINUTE * 1.5)
    with django_assert_num_queries(0):
        find(key, AT + MINUTE * 1.5)
