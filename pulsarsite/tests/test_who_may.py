"""Every address, asked by everybody in each way, answers whom the table says."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings

from accounts.roles import ROLES
from pulsarsite.schema_connections import Connection
from pulsarsite.tests import walked, world
from pulsarsite.who_may.addresses import addresses
from pulsarsite.who_may.rules import ANYBODY, NOBODY, PERSON, TOKEN, Rule, Who
from pulsarsite.who_may.table import TABLE
from pulsarsite.who_may.words import RIGHTS

pytestmark = pytest.mark.django_db

ROLE_OF = {"owner": "researcher"} | {role: role for role in ROLES}
SHUT = {"403", "405"}
USUAL = {"get": {"200"}, "post": {"302", "422"}}
# What an address answers whom it should, where that is something else.
ELSE = {
    # They send on.
    "showroom:row-previous": {"200", "302"},
    "showroom:row-next": {"200", "302"},
    "showroom:vet": {"200", "302"},
    # It is the researcher's.
    "accounts:token-revoke": {"302", "404"},
    # It tells what a database has said.
    "dispatch:connection-test": {"200"},
    # They take no forms.
    "protocols:model-infer": {"415"},
    "protocols:version-infer": {"415"},
    "protocols:invocations": {"415"},
}
FOR_PROGRAMS = {
    "api:openapi-json",
    "api:api-root",
    "v2",
    "health",
    "version",
    *(name for name in TABLE if name.startswith("protocols:")),
}
NOTHING = {"api:api-root": {"404"}}
AWAY = Connection(name="survey", file=Path("/nowhere/survey.sqlite"))
OF_DJANGO = {"get": {"200", "302", "404"}, "post": {"200", "302", "404", "422"}}
STRICT = {
    "default-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "object-src 'none'",
}
POLICIES = [
    STRICT,
    STRICT | {"style-src 'self' 'unsafe-inline'", "img-src 'self' data: blob:"},
    # Of a picture that may be opened alone.
    (STRICT - {"default-src 'self'"})
    | {"default-src 'none'", "style-src 'unsafe-inline'", "img-src data:"},
]


@pytest.fixture(scope="module")
def answers(django_db_setup, django_db_blocker, tmp_path_factory):
    """What came back to whom; asked once for all tests, in a site of its own."""
    root = tmp_path_factory.mktemp("storage")
    storage = settings.PULSAR.storage.model_copy(update={"root": root})
    ours = override_settings(
        PULSAR=settings.PULSAR.model_copy(
            update={"storage": storage, "connections": [AWAY]}
        ),
        FILE_UPLOAD_TEMP_DIR=root,
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        METRICS_TOKEN="of the metrics",
        EMAIL_HOST="mail.example.org",
    )
    both = transaction.atomic(), transaction.atomic("events")
    with django_db_blocker.unblock(), ours, both[0], both[1]:
        found = dict(walked.walk(world.build()))
        for alias in ("default", "events"):
            transaction.set_rollback(True, using=alias)
    return found


def test_every_address_stands_in_the_table():
    assert sorted(address.name for address in addresses()) == sorted(TABLE)


def test_every_right_of_a_role_has_its_words():
    assert set(RIGHTS) == set().union(*ROLES.values())


def test_the_docs_hold_what_the_table_says(settings, tmp_path):
    docs = settings.BASE_DIR / "docs"
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "security.md").write_text(
        (docs / "security.md").read_text().replace("| yes |", "| no |")
    )
    settings.BASE_DIR = tmp_path
    call_command("rights_docs", verbosity=0)

    for name in ("rights.md", "security.md"):
        assert (tmp_path / "docs" / name).read_text() == (docs / name).read_text()


def test_everybody_is_answered_as_the_table_says(answers):
    plain = {
        asked: answer
        for asked, answer in answers.items()
        if not asked.also and asked.kind not in {"twin", "hidden"}
    }
    wrong = [
        f"{' '.join(filter(None, asked))}: {outcome(answer)}, not {sorted(wanted)}"
        for asked, answer in plain.items()
        if outcome(answer) not in (wanted := expected(asked))
    ]
    assert wrong == []
    # Whoever may ask was asked, and so was each who may not.
    assert {asked.name for asked in plain} == set(TABLE)


def outcome(answer: walked.Answered) -> str:
    """The status; or that one is sent to the log-in."""
    to_log_in = "/accounts/login/?next=", "/admin/login/"
    is_shut = answer.to.startswith(to_log_in) or answer.to == "/admin/"
    return "log-in" if is_shut else str(answer.status)


def expected(asked: walked.Asked) -> set[str]:
    rule = TABLE[asked.name]
    who = getattr(rule, asked.how)
    # Django's own pages send everybody to the log-in.
    refused = {"log-in", "403"} if asked.name.startswith("admin:") else {"403"}
    if asked.who == "stranger" and not _is_public(rule):
        return {"401" if asked.name in FOR_PROGRAMS else "log-in"}
    if who in {None, NOBODY}:
        return SHUT | refused | NOTHING.get(asked.name, set())
    if who == TOKEN:
        return {"401"}
    if not _has(asked.who, who.right):
        return refused
    if asked.who != "owner" and _is_kept_from(asked, rule, who):
        return {"404"}
    if asked.who != "owner" and who.others and not _has(asked.who, who.others):
        return {"403"}
    if asked.name.startswith(("accounts:", "admin:")):
        return OF_DJANGO[asked.how]
    return ELSE.get(asked.name, USUAL[asked.how])


def _is_public(rule: Rule) -> bool:
    return bool({ANYBODY, TOKEN} & set(rule[:2]))


def _is_kept_from(asked: walked.Asked, rule: Rule, who: Who) -> bool:
    if who.hides:
        return not _has(asked.who, who.others)
    private = rule.of_batch and asked.kind == "private"
    return private and not _has(asked.who, "showroom.view_private_batch")


def _has(who: str, right: str) -> bool:
    if right in {ANYBODY.right, PERSON.right}:
        return True
    return right in ROLES.get(ROLE_OF.get(who, ""), ())


def test_nothing_of_a_private_batch_is_seen_by_others(answers):
    seen = {asked for asked, answer in answers.items() if answer.gives_away}

    assert {asked for asked in seen if asked.who not in {"owner", "admin"}} == set()
    # What its owner and the admins see shows that there is something to be seen.
    pages = {asked.name for asked in seen if asked.who == "admin"}
    assert pages > {"home", "showroom:index", "showroom:storage", "showroom:batch"}
    beside = {
        (asked.name, asked.kind): answer.status
        for asked, answer in answers.items()
        if asked.kind in {"twin", "hidden"}
    }
    assert beside == {
        ("showroom:batch", "twin"): 200,
        ("showroom:batch-again", "twin"): 200,
        **{
            (f"showroom:batch-{name}", kind): 404
            for name in ("against", "differing")
            for kind in ("twin", "hidden")
        },
    }


def test_what_people_write_is_shown_and_never_run(answers):
    runs = {asked: answer.runs for asked, answer in answers.items() if answer.runs}
    assert runs == {}

    shown = {asked.name for asked, answer in answers.items() if answer.shows}
    assert shown > SHOWN


# Pages and tables on which something that a person wrote must stand, or nothing was
# tried: names, notes, reasons, files, columns, tags, messages.
SHOWN = {
    "home",
    "accounts:preferences",
    "admin:accounts_user_change",
    "dispatch:index",
    "dispatch:run",
    "dispatch:schedule",
    "monitor:alert",
    "monitor:channels",
    "monitor:deliveries",
    "monitor:events",
    "monitor:events-csv",
    "monitor:figure-csv",
    "monitor:job",
    "monitor:report",
    "monitor:rules",
    "registry:build-rejects",
    "registry:dataset",
    "registry:labels",
    "registry:run",
    "registry:runs-csv",
    "registry:sentinels",
    "showroom:batch",
    "showroom:batch-rejects",
    "showroom:batch-scores",
    "showroom:download-file",
    "showroom:index",
    "showroom:reject",
    "showroom:row",
}


def test_nothing_that_can_be_sent_breaks_an_address(answers):
    assert {asked for asked, answer in answers.items() if answer.status >= 500} == set()


def test_no_form_is_taken_from_elsewhere(answers):
    tried = {asked: answer for asked, answer in answers.items() if asked.also == "csrf"}
    assert len(tried) > 80
    assert {asked for asked, answer in tried.items() if answer.status != 403} == set()


def test_nobody_is_led_to_another_site(answers):
    led = {answer.to for answer in answers.values() if answer.to}
    assert len(led) > 50
    assert {to for to in led if to.startswith("//") or not to.startswith("/")} == set()


def test_every_answer_tells_the_browser_to_be_strict(answers):
    wrong = {
        asked: answer.headers
        for asked, answer in answers.items()
        if policy(answer) not in POLICIES
        or answer.headers["X-Frame-Options"] != "DENY"
        or answer.headers["X-Content-Type-Options"] != "nosniff"
        or answer.headers["Referrer-Policy"] != "same-origin"
        or answer.headers["Cross-Origin-Opener-Policy"] != "same-origin"
    }
    assert wrong == {}


def policy(answer: walked.Answered) -> set[str]:
    given = answer.headers.get("Content-Security-Policy", "")
    return {part.strip() for part in given.split(";")}


def test_no_browser_keeps_what_somebody_saw(answers):
    kept = {
        asked.name
        for asked, answer in answers.items()
        if "no-store" not in answer.headers["Cache-Control"]
    }
    # They are slow to draw, and kept by the browser of whoever saw them, for an hour.
    assert kept == {
        "showroom:ready-picture",
        "showroom:reject-picture",
        "showroom:reject-svg",
        "showroom:row-picture",
        "showroom:row-svg",
    }
