"""What looks like a secret in a crontab is not shown on a page."""

import pytest

from monitor.crontab.masked import HIDDEN, masked


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("DB_PASSWORD=hunter two # not a remark", f"DB_PASSWORD={HIDDEN}"),
        (" 'API_KEY' = \"x y\"", f" 'API_KEY' = {HIDDEN}"),
        ("aws_secret_access_key=AbC/+=", f"aws_secret_access_key={HIDDEN}"),
        ("GITHUB_TOKEN=ghp_1", f"GITHUB_TOKEN={HIDDEN}"),
        (
            "0 1 * * * PGPASSWORD='a b' dump db",
            f"0 1 * * * PGPASSWORD={HIDDEN} dump db",
        ),
        ("0 1 * * * x --token=abc -v", f"0 1 * * * x --token={HIDDEN} -v"),
        ("0 1 * * * x --api-key abc -v", f"0 1 * * * x --api-key {HIDDEN} -v"),
        (
            "@daily curl -H 'Authorization: Bearer abc.def' https://x",
            f"@daily curl -H 'Authorization: Bearer {HIDDEN}' https://x",
        ),
        (
            "DATABASE_URL=mysql://ana:pa:ss@db/x",
            f"DATABASE_URL=mysql://ana:{HIDDEN}@db/x",
        ),
    ],
)
def test_it_is_hidden(line, shown):
    assert masked(line) == shown


@pytest.mark.parametrize(
    "line",
    [
        "MAILTO=ana@example.org",
        "PATH=/usr/bin:/bin",
        "SHELL=/bin/sh",
        "# a remark about a password",
        "30 2 * * * /opt/site/.venv/bin/python manage.py prune # job prune",
        "*/5 * * * * /usr/bin/passwd-check; monkey run",
        "DATABASE_URL=mysql://db/x",
        "",
    ],
)
def test_everything_else_is_shown_as_it_is(line):
    assert masked(line) == line
