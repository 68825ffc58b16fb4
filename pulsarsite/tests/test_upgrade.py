"""A site of each earlier release is brought to this one, and nothing of it is lost.

Each release keeps a back-up in `data/`; docs/operations.md, Upgrade, says how. The same
on MariaDB stands in test_databases.py, where its server is.
"""

import json

import pytest

from pulsarsite.tests.commands import Site
from pulsarsite.tests.upgraded import PAGES, RELEASES, unpacked

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_a_back_up_of_an_earlier_release_becomes_a_site_of_this_one(release, tmp_path):
    before = unpacked(release, tmp_path)
    upgrade = f"from pulsarsite.tests import upgraded; upgraded.restored('{before}')"
    with Site(tmp_path / "site") as site:
        said = json.loads(site.shell(upgrade))
    assert said["lost"] == []
    assert said["file"]
    assert len(said["pages"]) == len(PAGES) + 2
    assert {page: code for page, code in said["pages"].items() if code != 200} == {}


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_a_kept_back_up_has_a_row_in_every_table(release, tmp_path):
    told = json.loads((unpacked(release, tmp_path) / "manifest.json").read_text())
    for held in told["databases"].values():
        assert [table for table, rows in held["rows"].items() if not rows] == []
