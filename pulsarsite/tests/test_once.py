"""A request that is sent again under its key is done once and answered alike."""

from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils.timezone import now

from accounts.models import Answer
from accounts.programs.acted import acted
from pulsarsite.once import KEPT, once

pytestmark = pytest.mark.django_db

WHERE = "/api/v1/verdicts"


class Site:
    """Answers each request with a number of its own, and remembers it."""

    def __init__(self, status: int = 201) -> None:
        self.status = status
        self.n_done = 0

    def __call__(self, request):
        self.n_done += 1
        return HttpResponse(b'{"n": %d}' % self.n_done, status=self.status)


@pytest.fixture
def ask(person):
    people = {}

    def ask(site, key="one", body=b"{}", where=WHERE, who="ana", how="POST"):
        if who not in people:
            people[who] = person("researcher", who)
        request = RequestFactory().generic(
            how, where, body, "application/json", headers={"Idempotency-Key": key}
        )
        request.user = people[who]
        answer = once(site)(request)
        return answer.status_code, answer.content

    return ask


def test_it_is_done_once(ask):
    site = Site()
    assert ask(site) == (201, b'{"n": 1}')
    assert ask(site) == (201, b'{"n": 1}')
    assert site.n_done == 1


def test_the_answer_says_that_it_is_the_first_ones(person):
    site = Site()
    request = RequestFactory().post(WHERE, headers={"Idempotency-Key": "one"})
    request.user = person("researcher")
    first, second = (once(site)(request) for _ in "12")
    assert first.get("Idempotent-Replayed") is None
    assert second["Idempotent-Replayed"] == "true"
    assert second["Content-Type"] == first["Content-Type"]


def test_keys_are_each_persons_own(ask):
    site = Site()
    assert ask(site, who="ana") == (201, b'{"n": 1}')
    assert ask(site, who="ben") == (201, b'{"n": 2}')


def test_two_keys_are_two_requests_whatever_their_case(ask):
    site = Site()
    assert ask(site, key="a") == (201, b'{"n": 1}')
    assert ask(site, key="A") == (201, b'{"n": 2}')


@pytest.mark.parametrize("other", [{"body": b"[]"}, {"where": f"{WHERE}?x=1"}])
def test_another_request_under_the_key_is_refused(ask, other):
    site = Site()
    ask(site)
    status, body = ask(site, **other)
    assert status == 422
    assert b"came before, with another request" in body
    assert site.n_done == 1


def test_what_was_cut_off_is_not_done_again_behind_ones_back(ask):
    def dies(request):
        raise SystemExit

    with pytest.raises(SystemExit):
        ask(dies)
    site = Site()
    status, body = ask(site)
    assert (status, site.n_done) == (409, 0)
    assert b"look whether it was done" in body


@pytest.mark.parametrize("status", [400, 404, 409, 422, 499, 503, 507])
def test_what_was_refused_may_be_tried_again(ask, status):
    site = Site(status)
    assert ask(site) == (status, b'{"n": 1}')
    assert ask(site) == (status, b'{"n": 2}')


@pytest.mark.parametrize("status", [409, 503])
def test_what_was_refused_though_something_was_done_is_kept(ask, status):
    site = Site(status)
    answers = [ask(lambda request: acted(site(request))) for _ in "12"]
    assert answers == [(status, b'{"n": 1}')] * 2


@pytest.mark.parametrize("status", [200, 202, 302, 500])
def test_what_may_have_been_done_is_not(ask, status):
    site = Site(status)
    assert ask(site) == ask(site) == (status, b'{"n": 1}')


def test_a_key_is_forgotten_after_a_day(ask):
    site = Site()
    ask(site)
    Answer.objects.update(at=now() - KEPT - timedelta(seconds=1))
    assert ask(site, key="other") == (201, b'{"n": 2}')
    assert Answer.objects.count() == 1
    assert ask(site) == (201, b'{"n": 3}')


@pytest.mark.parametrize(
    "other", [{"key": ""}, {"how": "GET"}, {"how": "PUT"}, {"where": "/showroom/"}]
)
def test_nothing_else_is_kept(ask, other):
    site = Site()
    ask(site, **other)
    ask(site, **other)
    assert site.n_done == 2
    assert not Answer.objects.exists()


def test_a_key_has_an_end(ask):
    site = Site()
    assert ask(site, key="k" * 255) == (201, b'{"n": 1}')
    status, body = ask(site, key="k" * 256)
    assert (status, site.n_done) == (400, 1)
    assert b"at most 255 characters" in body


def test_files_are_told_apart_by_their_length(person):
    site = Site()
    ana = person("researcher")

    def send(content: bytes) -> int:
        headers = {"Idempotency-Key": "one"}
        request = RequestFactory().post(WHERE, {"file": content}, headers=headers)
        request.user = ana
        answer = once(site)(request)
        assert not request._read_started
        return answer.status_code

    assert [send("a"), send("b"), send("ab")] == [201, 201, 422]
    assert site.n_done == 1


def test_what_is_too_large_is_refused_by_whoever_reads_it(ask, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    site = Site(413)
    assert ask(site, body=b"x" * 11) == (413, b'{"n": 1}')
