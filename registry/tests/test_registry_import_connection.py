"""`registry_import --connection`: a labelled table of a database."""

import json
from contextlib import closing

import pytest
from django.core.management import CommandError, call_command

from pulsar_ml.errors import DatabaseFault
from pulsar_ml.features import FEATURES
from pulsarsite.tests import forked
from pulsarsite.tests.engines import Engine
from registry.connections import ask
from registry.datasets import rejects
from registry.models import Build, Dataset
from registry.tests.connected import connected
from registry.tests.tables import files
from showroom.tests.conftest import simulate

pytestmark = pytest.mark.django_db
# As a group calls them: three of them as no file does.
COLUMNS = ("f1", "prof_std", "Skew_IP", "exkurt_ip", "f5", "dm_std", "f7", "dm_kurt")
MAPPED = ("--map", "prof_mean=f1", "--map", "dm_mean=f5", "--map", "dm_skew=f7")
PASSWORD = "geheim"


@pytest.fixture(autouse=True)
def quick():
    """Children that need not start Python."""
    with forked.children():
        yield


def fill(engine: Engine, rows: int = 20) -> None:
    """Labelled candidates; one without a feature, one with a label that is none."""
    with closing(engine.connect()) as own:
        names = ", ".join(f"{name} double precision" for name in COLUMNS)
        own.execute(
            f"CREATE TABLE seen (cand varchar(20) primary key, {names}, beam integer, "
            "class varchar(20))"
        )
        for place, values in enumerate(simulate(rows, seed=5).tolist(), 1):
            label = "1" if place % 4 == 0 else "0"
            if place == 3:
                values[2] = None
            if place == 6:
                label = "perhaps"
            marks = ", ".join("?" * 11)
            row = (f"J{place:02}", *values, place % 3, label)
            own.execute(f"INSERT INTO seen VALUES ({marks})", row)


@pytest.fixture
def engine(tmp_path, settings):
    made = Engine("sqlite", tmp_path)
    fill(made)
    connected(settings, made, read_only=True)
    return made


def run(*arguments: object) -> None:
    call_command("registry_import", "--connection", "sqlite", *map(str, arguments))


def refused(*arguments: object) -> str:
    with pytest.raises(CommandError) as refusal:
        run(*arguments)
    return str(refusal.value)


def test_a_labelled_table_becomes_a_dataset(engine, capsys):
    run("--table", "seen", "--key", "cand", *MAPPED, "--keep", "beam", "--name", "Seen")

    dataset = Dataset.objects.get()
    (line,) = capsys.readouterr().out.splitlines()
    assert line == (
        f"dataset 1: Seen, 18 rows, 5 pulsars, {dataset.n_holdout} rows held out, "
        "2 rejected"
    )
    assert dataset.recipe["table"] == {
        "connection": "sqlite",
        "table": "seen",
        "select": "",
        "key": "cand",
        "mark": "",
        "label": "class",
        "keep": ["beam"],
        "columns": dict(zip(FEATURES, COLUMNS, strict=True)),
    }
    assert (dataset.recipe["files"], dataset.recipe["url"]) == ([], "")
    names = [column["name"] for column in dataset.columns]
    assert {"name", "beam"} <= set(names)


def test_rejects_are_told_with_their_key(engine, storage):
    run("--table", "seen", "--key", "cand", *MAPPED)

    build = Build.objects.get()
    found = [(one.name, one.column, one.value) for one in rejects.first(build, 9)]
    assert found == [("J03", "prof_skew", ""), ("J06", "class", "perhaps")]
    assert "".join(rejects.lines(build)).splitlines()[0].endswith(",reason,name")
    # The pages have gone, and with them all that was read.
    assert files(storage / "builds") == [f"{build.pk}/rejects.jsonl"]


def test_a_query_is_a_table_too_and_the_same_rows_are_the_same_dataset(engine, capsys):
    run("--table", "seen", "--key", "cand", *MAPPED)
    named = ", ".join(
        f"{theirs} as {ours}" for ours, theirs in zip(FEATURES, COLUMNS, strict=True)
    )
    select = f"SELECT cand, {named}, class AS truth FROM seen"
    run("--select", select, "--key", "cand", "--label", "truth", "--json")

    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert told["dataset"]["number"] == 1
    assert told["notes"] == ["These very rows are dataset 1 already."]


def test_the_pages_tell_where_the_rows_come_from(engine, client, person):
    run("--table", "seen", "--key", "cand", *MAPPED, "--keep", "beam")
    client.force_login(person("admin"))
    dataset, build = Dataset.objects.get(), Build.objects.get()

    for page in (dataset, build):
        text = " ".join(client.get(page.get_absolute_url()).content.decode().split())
        assert "the table <code>seen</code> of the connection sqlite" in text
        assert "prof_mean from <code>f1</code>" in text
    assert "<td>J03</td> <td>prof_skew</td>" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--table", "seen"), "Say which table of the connection, by --table or"),
        (("--key", "cand"), "Say which table of the connection, by --table or"),
        (("--table", "seen", "--key", "id"), "seen has no column id; found were cand,"),
        (
            ("--table", "seen", "--key", "cand"),
            "seen has no column for prof_mean, dm_mean, dm_skew; found were cand, f1, ",
        ),
        (
            ("--table", "seen", "--key", "cand", "--map", "mean=f1"),
            "--map mean=f1: write FEATURE=COLUMN; the features are prof_mean, ",
        ),
        (("--table", "unseen", "--key", "cand"), "unseen"),
        (
            ("--table", "seen", "--key", "cand", "--preset", "htru2"),
            "--preset belongs to a file, not to a connection.",
        ),
        (("--select", "DELETE FROM seen", "--key", "cand"), "SELECT"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(engine, arguments, words):
    assert words in refused(*arguments)
    assert Build.objects.count() == 0
    assert engine.rows("SELECT count(*) FROM seen") == [(20,)]


def test_rows_without_a_mark_are_counted(engine, capsys):
    engine.execute("UPDATE seen SET beam = NULL WHERE cand IN ('J01', 'J02')")
    run("--table", "seen", "--key", "cand", *MAPPED, "--mark", "beam")

    told = "2 rows have no beam and cannot be read."
    assert told in capsys.readouterr().out
    assert told in Dataset.objects.get().recipe["notes"]


def test_a_column_of_labels_is_needed(engine):
    engine.execute("ALTER TABLE seen RENAME COLUMN class TO note")
    told = refused("--table", "seen", "--key", "cand", *MAPPED)

    assert told.startswith("seen has no column of labels; found were cand, f1,")
    assert told.endswith("Say --label.")


def test_an_unknown_connection_and_options_of_a_table_for_a_file_are_refused(engine):
    with pytest.raises(CommandError, match="There is no connection “other”"):
        call_command(
            "registry_import", "--connection", "other", "--table", "t", "--key", "k"
        )
    with pytest.raises(CommandError, match="--key belongs to a table: say --connec"):
        call_command("registry_import", "--file", "a.csv", "--key", "k")


def test_a_table_without_rows_is_told(engine):
    engine.execute("DELETE FROM seen")

    assert refused("--table", "seen", "--key", "cand", *MAPPED) == (
        "There is no row in seen."
    )
    assert Build.objects.get().state == "failed"


def test_a_database_that_goes_meanwhile_fails_the_build_in_words(engine, monkeypatch):
    asked = ask.ask

    def goes(name, order, **named):
        yield next(asked(name, order, **named))
        if order["verb"] == "read":
            raise DatabaseFault("sqlite was lost.", passing=True)

    monkeypatch.setattr(ask, "ask", goes)
    told = refused("--table", "seen", "--key", "cand", *MAPPED)

    assert told == "sqlite was lost."
    assert (Build.objects.get().state, Dataset.objects.count()) == ("failed", 0)


def test_no_password_is_kept(servers, tmp_path, settings, capsys):
    made = Engine("mariadb", tmp_path, servers("mariadb"))
    fill(made)
    connected(settings, made)
    call_command(
        *("registry_import", "--connection", "mariadb", "--table", "seen"),
        *("--key", "cand", *MAPPED, "--json"),
    )

    kept = json.dumps([Build.objects.get().order, Dataset.objects.get().recipe])
    assert PASSWORD not in kept + capsys.readouterr().out
    assert Dataset.objects.get().n_rows == 18
