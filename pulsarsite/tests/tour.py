"""Every page of a filled site, as the site itself names them."""

from typing import NamedTuple

from django.urls import reverse
from playwright.sync_api import Page

from pulsarsite.who_may.addresses import Address, addresses

PLOTS = ("picture", "svg", "figures")
# What stands in an address, by app and, where that is not the same, by name.
ARGUMENTS = {
    "accounts": {"uidb64": "MQ", "token": "of-old", "pk": 1},
    "dispatch": {"pk": 1, "slug": "each-night"},
    "dispatch:connection-test": {"slug": "survey"},
    **{
        f"dispatch:{name}": {"slug": "from-the-survey"}
        for name in ("rewind", "rewind-undo")
    },
    "monitor": {"pk": 1, "slug": "machine", "name": "machine.load"},
    "monitor:job": {"slug": "prune"},
    "protocols": {"name": "pulsar", "version": 1},
    "registry": {"pk": 1, "number": 1, "model": "pulsar", "theme": "light"},
    "registry:dataset-file": {"file": "dictionary.json"},
    "registry:export-file": {"name": "labels.csv"},
    "registry:run-file": {"file": "artefact/card.json"},
    "registry:promote": {"number": 3},
    "registry:version": {"number": 3},
    "registry:version-file": {"name": "model.onnx"},
    "showroom": {"pk": 1, "number": 2, "row": 1, "other": 6, "theme": "light"},
    "showroom:batch-download": {"suffix": "fits"},
    "showroom:ready-case": {"slug": "weak-pulsar"},
    "showroom:ready-picture": {"slug": "weak-pulsar"},
    "showroom:batch-remove": {"number": 7},
    "showroom:reject": {"number": 1, "row": 7},
    **{f"showroom:reject-{kind}": {"number": 1, "row": 8} for kind in PLOTS},
    "showroom:row": {"number": 1},
    **{f"showroom:row-{kind}": {"number": 1} for kind in PLOTS},
}
# What a page is asked for, where it shows little or nothing without.
QUERIES = {
    "registry:compare": "a=pulsar/1&b=pulsar/2",
    "registry:dataset-freeze": "parent=2&survey=Night",
    "registry:run-new": "dataset=2&algorithm=logistic_regression",
    "registry:runs-compare": "run=1&run=2",
    "registry:sentinels-add": "q=simulated",
    "showroom:batch-open": "row=1&row=2&row=3",
    "showroom:vet": "batch=1&at=1-3",
}
# Of Django's own pages those that are linked from ours; axe itself offends against the
# policy on their forms, and its complaint would hide others.
DJANGO = {
    name: reverse(name) for name in ("admin:index", "admin:accounts_user_changelist")
}
# A page again, as it is at other times.
STATES = {
    "showroom:batch-of-files": "/showroom/batches/1/",
    "showroom:batch-failed": "/showroom/batches/4/",
    "showroom:reject-with-plots": "/showroom/batches/1/rejects/8/",
    "showroom:row-of-table": "/showroom/batches/2/rows/1/",
    "showroom:vet-of-audit": "/showroom/vet/?order=audit",
    "showroom:vet-of-table": "/showroom/vet/?order=table&batch=2&at=2-1",
    "registry:version-audited": "/registry/pulsar/2/",
    "dispatch:run-failed": "/dispatch/runs/2/",
    "dispatch:schedule-of-table": "/dispatch/from-the-survey/",
    "dispatch:edit-of-table": "/dispatch/from-the-survey/edit/",
    "dispatch:schedule-paused": "/dispatch/southern-beam/",
    "monitor:check-down": "/monitor/checks/host-archive/",
}
# What is shown to those who are not logged in.
STRANGERS = {
    "accounts:login": "/accounts/login/",
    "accounts:forgotten": "/accounts/reset/",
}
ASK = """async (addresses) => {
  const answers = {};
  for (const [name, address] of Object.entries(addresses)) {
    const answer = await fetch(address, {redirect: "manual"});
    const isPage = /^\\s*<!doctype html/i.test(await answer.text());
    answers[name] = isPage && answer.ok ? "page" : answer.status;
  }
  return answers;
}"""


class Tour(NamedTuple):
    """The pages by name, with their addresses; and what all else answers."""

    pages: dict[str, str]
    others: dict[str, int]


def plan(page: Page) -> Tour:
    """Ask for every address of the site; what answers with a page is one."""
    ours = [one for one in addresses() if not one.name.startswith("admin:")]
    known = {one.name: address(one) for one in ours} | DJANGO
    asking = page.context.new_page()
    asking.goto("/healthz")
    answers = asking.evaluate(ASK, known)
    asking.close()
    pages = {name: known[name] for name, said in answers.items() if said == "page"}
    others = {name: said for name, said in answers.items() if said != "page"}
    return Tour(pages | STATES, others)


def picture(name: str, theme: str) -> str:
    """What the picture of a page is called in docs/pictures."""
    return f"{name.replace(':', '-')}-{theme}.webp"


def address(one: Address) -> str:
    """The address with an example in each of its places."""
    app = one.name.partition(":")[0]
    examples = ARGUMENTS.get(app, {}) | ARGUMENTS.get(one.name, {})
    wanted = set(one.pattern.pattern.converters)
    assert wanted <= set(examples), f"{one.name} needs examples in ARGUMENTS: {wanted}"
    path = reverse(one.name, kwargs={name: examples[name] for name in wanted})
    query = QUERIES.get(one.name)
    return f"{path}?{query}" if query else path
