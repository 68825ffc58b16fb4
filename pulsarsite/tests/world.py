"""A site with something behind each address, and hostile words wherever people write.

Each word is a formula for a spreadsheet and would run in a browser: whichever page or
table shows it as it is gives itself away.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from django.apps import apps
from django.contrib.auth.models import Group
from django.contrib.auth.tokens import default_token_generator
from django.contrib.contenttypes.models import ContentType
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.timezone import now

from accounts import roles
from accounts.models import User
from accounts.tokens.make import make
from pulsar_ml import simulate as simulation
from pulsar_ml.cases import CASES
from pulsar_ml.features import FEATURES
from pulsar_ml.tests import raw_files
from pulsarsite.tests import planted, planted_moves
from pulsarsite.tests.planted import EVIL, EVIL_NAME, Words
from registry import serving
from registry.models import Version
from registry.ship import register_shipped
from registry.tests.labels import features
from showroom.again import again
from showroom.case import classify_case
from showroom.downloads.prepare import prepare
from showroom.models import Batch, Download
from showroom.start import start
from showroom.storage.delete import delete
from showroom.tests.conftest import as_csv, simulate, stored
from showroom.verdicts.give import Said, give
from showroom.verdicts.judged import judged

PASSWORD = "a long pass phrase"
# Stands in whatever belongs to the private batches alone.
SECRET = "hushhush"


class World(NamedTuple):
    """Who is there, and what stands in the addresses."""

    people: Mapping[str, User | None]
    # Of things that have no owner, by the name of the address before its first dash.
    things: Mapping[str, Words]
    # Of what belongs to a person: "open" and "private".
    batches: Mapping[str, Words]
    # A private batch, and one of the same bytes that is somebody else's and open.
    hidden: Batch
    twin: Batch


def build() -> World:
    """Make all of it."""
    people = _people()
    register_shipped()
    owner = people["owner"]
    hidden, twin = _twins(people)
    things = {
        **planted.registry(people["admin"]),
        **planted_moves.moves(people["admin"], serving.champion().version),
        **planted.dispatch(people["admin"]),
        **planted.monitor(people["operator"]),
        **_accounts(people["researcher"]),
        **_records(),
    }
    batches = {
        "open": _batch(owner, private=False),
        "private": _batch(owner, private=True),
    }
    case = dict(zip(FEATURES, features(1), strict=True))
    classify_case(case, by=owner, name=EVIL)
    return World(people, things, batches, hidden, twin)


def _people() -> dict[str, User | None]:
    roles.sync()
    named = {"owner": "researcher"} | {role: role for role in roles.ROLES}
    people: dict[str, User | None] = {"stranger": None, "guest": _person("guest")}
    for name, role in named.items():
        people[name] = person = _person(name)
        person.groups.add(Group.objects.get(name=role))
    return people


def _person(name: str) -> User:
    return User.objects.create_user(
        f"{name} {EVIL}",
        password=PASSWORD,
        first_name=EVIL,
        last_name=EVIL,
        email=f"{name}@example.org",
    )


def _batch(owner: User, *, private: bool) -> dict[str, Any]:
    """A batch with rows, rejects, plots and a download; and others beside it."""
    # What one person alone knows says so everywhere.
    mark, seed = (SECRET, 7) if private else ("", 3)
    words = f"{EVIL}{mark}"
    own = {"name": [words, "J1", "J2"], words: [words] * 3, "period": ["0.5"] * 3}
    table = as_csv(simulate(3, seed), **own) + f'"{words}",not,a,row\n'.encode()
    drawn = simulation.simulate("pulsar", seed=seed).to_phcx()
    name = f"{EVIL_NAME}{mark}"
    named = {"csv": table, "phcx": drawn, "pfd": raw_files.pfd(dms=1)}
    files = [stored(f"{name}.{kind}", content) for kind, content in named.items()]
    batch = start(files, owner=owner, private=private)
    candidate = judged(batch, [1])[1]
    give([candidate], Said("RFI", note=words), by=owner)
    version = Version.objects.exclude(pk=batch.version_id).first()
    other = again(batch, version, by=owner)
    deleted = start(files[:1], owner=owner, private=private)
    delete(deleted, by=owner)
    return {
        "number": batch.pk,
        "other": other.pk,
        "deleted": deleted.pk,
        "pk": _download(batch, owner).pk,
        "row": 5,
        "reject": 6,
        "theme": "light",
        "suffix": "vot",
    }


def _download(batch: Batch, owner: User) -> Download:
    wanted = Download.objects.create(
        batch=batch, by=owner, format="csv", wanted="sort=row", name="scores.csv"
    )
    prepare(wanted)
    wanted.refresh_from_db()
    assert wanted.state == "success", wanted.reason
    return wanted


def _twins(people: Mapping[str, User | None]) -> tuple[Batch, Batch]:
    table = as_csv(simulate(4, seed=11))
    hidden, twin = (
        start([stored(name, table)], owner=people[who], private=private)
        for name, who, private in (
            (f"{SECRET}.csv", "owner", True),
            ("sky.csv", "researcher", False),
        )
    )
    return hidden, twin


def _accounts(somebody: User) -> dict[str, Words]:
    kind = ContentType.objects.get_for_model(User)
    token = default_token_generator.make_token(somebody)
    uid = urlsafe_base64_encode(force_bytes(somebody.pk))
    case = {"slug": CASES[0].slug, "theme": "light"}
    program = make(somebody, name=EVIL, read_only=True, at=now())
    return {
        "accounts:reset-confirm": {"uidb64": uid, "token": token},
        "accounts:token": {"pk": program.token.pk},
        "admin": {
            "id": somebody.pk,
            "object_id": somebody.pk,
            "content_type_id": kind.pk,
            "app_label": "accounts",
            "url": "nothing",
        },
        "showroom:ready": case,
        "protocols": {"name": "pulsar", "version": 2},
    }


def _records() -> dict[str, Words]:
    """Of each kind of the registry's that Django's own pages show, one."""
    kinds = apps.get_app_config("registry").get_models()
    return {
        f"admin:registry_{kind._meta.model_name}_{page}": {"object_id": found.pk}
        for kind in kinds
        for page in ("change", "history")
        if (found := kind.objects.first())
    }


def words_of(world: World, name: str) -> Callable[[str], Words]:
    """What stands in the address of this name, of one kind of batch or of no batch."""
    app, _, own = name.partition(":")

    def of(kind: str) -> Words:
        if not kind:
            found = (name, f"{app}:{own.partition('-')[0]}", app)
            return next((world.things[k] for k in found if k in world.things), {})
        words = dict(world.batches[kind])
        if own in {"batch-restore", "batch-remove"}:
            words["number"] = words["deleted"]
        if own == "batch-delete":
            words["number"] = words["other"]  # what was judged is kept
        if own.startswith("reject"):
            words["row"] = words["reject"]
        return words

    return of
