"""What browsers are told to enforce, over http and behind https."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STRICT = {
    "default-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "object-src 'none'",
}
ASK = """
import json, os
os.environ["DJANGO_SETTINGS_MODULE"] = "pulsarsite.settings"
import django
django.setup()
from django.core.management import call_command
from django.test import Client
call_command("migrate", verbosity=0)
from accounts.models import User
User.objects.create_user("ana", password="a long pass phrase")
client = Client()
plain = client.get("/accounts/login/", headers={"Host": "pulsars.example.org"})
health = client.get("/healthz", headers={"Host": "pulsars.example.org"})
entered = client.post(
    "/accounts/login/", {"username": "ana", "password": "a long pass phrase"},
    headers={"Host": "pulsars.example.org", "X-Forwarded-Proto": "https"},
)
print(json.dumps({
    "plain": [plain.status_code, plain.headers.get("Location")],
    "health": health.status_code,
    "entered": entered.status_code,
    "hsts": entered.headers.get("Strict-Transport-Security"),
    "session": dict(client.cookies["sessionid"]),
}))
"""


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/accounts/login/", "/nope", "/healthz"])
def test_every_answer_carries_the_strict_policy(client, address):
    answer = client.get(address)

    policy = answer["Content-Security-Policy"]
    assert {part.strip() for part in policy.split(";")} == STRICT
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "no-store" in answer["Cache-Control"]
    assert "Strict-Transport-Security" not in answer


@pytest.mark.django_db
def test_the_session_is_out_of_reach_of_scripts_and_other_sites(client, person):
    person("researcher", "ana")
    client.post(
        "/accounts/login/", {"username": "ana", "password": "a long pass phrase"}
    )

    cookie = client.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


@pytest.mark.slow
def test_behind_https_cookies_are_secure_and_hsts_is_sent(tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text(
        "site: {address: 'https://pulsars.example.org', behind_proxy: true}\n"
        "storage: {root: var}\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", ASK],
        cwd=ROOT,
        env=os.environ | {"CONFIG_FILE": str(config)},
        check=True,
        capture_output=True,
        text=True,
    )

    told = json.loads(told.stdout)
    cookie = told.pop("session")
    assert told == {
        "plain": [301, "https://pulsars.example.org/accounts/login/"],
        "health": 200,
        "entered": 302,
        "hsts": "max-age=31536000; includeSubDomains; preload",
    }
    assert (cookie["secure"], cookie["httponly"]) == (True, True)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("/static/pulsarsite/site.css", "text/css"),
        ("/static/pulsarsite/site.js", "text/javascript"),
        ("/static/pulsarsite/icons/favicon.svg", "image/svg+xml"),
        ("/static/admin/css/base.css", "text/css"),
    ],
)
def test_static_files_are_served_to_strangers(client, address, kind):
    answer = client.get(address)

    assert answer.status_code == 200
    assert answer["Content-Type"].split(";")[0] == kind
    assert "max-age=600" in answer["Cache-Control"]
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    answer.close()


@pytest.mark.django_db
def test_a_page_asks_for_nothing_that_is_not_there_and_nothing_from_outside(
    client, person
):
    client.force_login(person("admin"))
    page = client.get("/").content.decode()

    for address in re.findall(r'(?:src|href)="([^"#]+)"', page):
        assert address.startswith("/"), address
        answer = client.get(address, follow=True)
        assert answer.status_code == 200 or address == "/accounts/logout/", address
        answer.close()
    assert not re.findall(r"<style|style=|<script>|\son\w+=", page)
