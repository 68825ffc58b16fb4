"""CandyJar's files: candidates.csv with raw files, verdicts brought in and out."""

import csv
import io
import re
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from monitor import crash
from monitor.models import Outbox
from pulsar_ml.features import FEATURES
from pulsar_ml.tests import listed, raw_files
from pulsar_ml.tests.test_archive import zipped
from registry.models import Label
from showroom.models import Verdict
from showroom.start import start
from showroom.tests.conftest import as_csv, simulate, stored
from showroom.verdicts import bring_in as bringing
from showroom.verdicts.give import Said, give
from showroom.verdicts.judged import judged
from showroom.verdicts.undo import undo

pytestmark = pytest.mark.django_db

N = 6
HEAD = "beamid,utc,png,classification\n"


def phcx(n: int) -> bytes:
    """A raw candidate like no other."""
    content = raw_files.phcx()
    mark = b"<Profile nBins='64' format='02X'>\n"
    place = content.rindex(mark) + len(mark)
    return content[:place] + b"%02X" % n + content[place + 2 :]


def row(n: int) -> dict[str, str]:
    """What candidates.csv says of it."""
    return listed.candidate(
        f"plots/cand_{n:02d}.png", sn_fold=f"{n}.50", source_name=f'the "{n}", perhaps'
    )


LIST = listed.candyjar([row(n) for n in range(1, N + 1)])
RAW = {f"cand_{n:02d}.phcx": phcx(n) for n in range(1, N + 1)}


@pytest.fixture
def jar(champion, researcher):
    """Raw candidates, and candidates.csv beside them, in one archive."""

    def made(name: str = "jar.zip"):
        content = zipped({"p/candidates.csv": LIST} | {f"p/{k}": RAW[k] for k in RAW})
        return start([stored(name, content)], owner=researcher)

    return made


def page(batch, name: str, query: str = "") -> str:
    return reverse(f"showroom:verdicts-{name}", args=[batch.pk]) + query


def text(client, batch, name: str, query: str = "") -> str:
    """A download as a text with plain line ends."""
    response = client.get(page(batch, name, query))
    assert response.status_code == 200
    content = b"".join(response.streaming_content)
    return content.decode().replace("\r\n", "\n")


def table(content: str | bytes) -> list[list[str]]:
    if isinstance(content, bytes):
        content = content.decode()
    return list(csv.reader(io.StringIO(content, newline="")))


def bring(client, batch, content: str | bytes):
    """Look at a file."""
    data = content.encode() if isinstance(content, str) else content
    file = SimpleUploadedFile("classification.csv", data)
    return client.post(page(batch, "import"), {"file": file})


def confirm(client, batch, looked):
    token = looked.context["waiting"].token
    return client.post(page(batch, "import"), {"token": token})


def says(batch, person) -> dict[int, str]:
    found = Verdict.objects.current().of_batch(batch).filter(person=person)
    return dict(found.values_list("candidate__row", "word"))


def said(response) -> tuple[dict, dict, int, int, list]:
    plan = response.context["plan"]
    lines = [(one.line, one.reason) for one in plan.refused]
    return plan.new, plan.changed, plan.n_same, plan.n_uncat, lines


def judge(batch, person, words: dict[int, str]) -> None:
    for number, word in words.items():
        give([judged(batch, [number])[number]], Said(word), by=person)


def test_a_batch_of_raw_files_gives_its_candidates_csv_again(ana, jar):
    batch = jar()
    assert (batch.n_scored, batch.n_rejected) == (N, 0)
    assert table(text(ana, batch, "candidates", "?all=1")) == table(LIST)
    full = table(text(ana, batch, "classification", "?all=1&form=full"))
    classified = [[*cells, "UNCAT"] for cells in table(LIST)]
    classified[0][-1] = "classification"
    assert full == classified


def test_verdicts_go_out_and_come_into_another_batch(ana, researcher, jar):
    words = {1: "T1_CAND", 2: "RFI", 3: "NB_PSR", 5: "NOISE"}
    first, second = jar(), jar("again.zip")
    judge(first, researcher, words)
    for query in ("", "?form=old", "?form=full", "?form=full&all=1"):
        given_out = text(ana, first, "classification", query)
        looked = bring(ana, second, given_out)
        unjudged = N - len(words) if "all=1" in query else 0
        assert said(looked) == (words, {}, 0, unjudged, [])
        assert says(second, researcher) == {}
        done = confirm(ana, second, looked)
        assert (done.status_code, done.context["n_given"]) == (200, 4)
        assert says(second, researcher) == words
        assert text(ana, second, "classification", query) == given_out
        undo(researcher)


def test_the_four_columns_are_as_candyjar_has_them(ana, researcher, jar):
    batch = jar()
    judge(batch, researcher, {2: "KNOWN_PSR"})
    line = "1812,2021-05-18T01:00:00,plots/cand_02.png,KNOWN_PSR\n"
    assert text(ana, batch, "classification") == HEAD + line
    old = text(ana, batch, "classification", "?form=old")
    assert old == "utc,png,classification\n" + line.removeprefix("1812,")
    assert len(table(text(ana, batch, "candidates"))) == 2


def test_an_import_is_one_act_with_labels_and_one_event(ana, researcher, jar):
    batch = jar()
    judge(batch, researcher, {1: "NOISE", 2: "RFI"})
    Outbox.objects.all().delete()
    lines = [(1, "T1_CAND"), (2, "RFI"), (3, "T2_CAND"), (4, "UNCAT")]
    file = HEAD + "".join(f",,cand_{n:02d}.png,{word}\n" for n, word in lines)
    looked = bring(ana, batch, file)
    assert said(looked) == ({3: "T2_CAND"}, {1: "T1_CAND"}, 1, 1, [])
    confirm(ana, batch, looked)
    assert says(batch, researcher) == {1: "T1_CAND", 2: "RFI", 3: "T2_CAND"}
    came = Label.objects.current().filter(drawn=Label.Drawn.IMPORT)
    assert sorted(came.values_list("row", "verdict")) == [
        (1, "T1_CAND"),
        (3, "T2_CAND"),
    ]
    [event] = Outbox.objects.all()
    assert (event.kind, event.about) == ("verdicts.imported", str(batch))
    assert (event.who, event.detail) == (
        str(researcher.pk),
        {"verdicts": 2, "same": 1, "refused": 0},
    )
    undo(researcher)
    assert says(batch, researcher) == {1: "NOISE", 2: "RFI"}


def test_the_same_file_again_changes_nothing(ana, researcher, jar):
    batch = jar()
    file = f"{HEAD},,x/cand_03.png,RFI\n"
    confirm(ana, batch, bring(ana, batch, file))
    looked = bring(ana, batch, file)
    assert said(looked) == ({}, {}, 1, 0, [])
    assert "There is nothing to bring in." in looked.content.decode()


def test_what_cannot_be_used_is_told_line_by_line_and_the_rest_is_used(
    ana, researcher, jar
):
    batch = jar()
    lines = [
        ",,cand_01.png,PULSAR",
        ",,nothing.png,RFI",
        ",,cand_02.png,RFI",
        ",,cand_02.png,rfi",
        ",,cand_03.png,RFI",
        ",,cand_03.png,NOISE",
        "9,,cand_04.png,RFI",
        ",2021-05-19T01:00:00,cand_04.png,RFI",
        "1812,2021-05-18 01:00:00.0,cand_05.png,RFI",
        ",,,RFI",
        "cand_06.png,RFI",
    ]
    looked = bring(ana, batch, HEAD + "\n".join(lines))
    both = "is called RFI in line 6, NOISE in line 7: none of it is used"
    words = "T1_CAND, T2_CAND, KNOWN_PSR, NB_PSR, RFI, NOISE, UNCAT"
    other = "is no row of this batch; rows of this name are of another beam or time"
    told = [
        (2, f"says 'PULSAR', which is no verdict: {words}"),
        (3, "is no row of this batch"),
        (5, "repeats line 4"),
        (6, both),
        (7, both),
        (8, other),
        (9, other),
        (11, "names no candidate: its png is empty"),
        (12, "has 2 columns; the table has 4"),
    ]
    assert said(looked) == ({2: "RFI", 5: "RFI"}, {}, 0, 0, told)
    done = confirm(ana, batch, looked)
    assert [(one.line, one.reason) for one in done.context["refused"]] == told
    assert says(batch, researcher) == {2: "RFI", 5: "RFI"}


def test_of_equal_names_the_beam_or_the_folder_decides(ana, researcher, champion):
    rows = [
        listed.candidate("a/x.png", beam_id="1", beam_name=""),
        listed.candidate("b/x.png", beam_id="2", beam_name=""),
        listed.candidate("c/x.png", beam_id="2", beam_name=""),
    ]
    values = [map(repr, map(float, one)) for one in simulate(3)]
    whole = [
        row | dict(zip(FEATURES, v, strict=True))
        for row, v in zip(rows, values, strict=True)
    ]
    batch = start([stored("c.csv", listed.candyjar(whole))], owner=researcher)
    for line, wanted in (
        ("1,,x.png,RFI", {1: "RFI"}),
        ("2,,c/x.png,RFI", {3: "RFI"}),
        (",,/data/b/x.png,RFI", {2: "RFI"}),
        ("2,,x.png,RFI", {}),
    ):
        new, *_, refused = said(bring(ana, batch, f"{HEAD}{line}\n"))
        assert new == wanted
        assert [why for _, why in refused] == (
            [] if wanted else ["may be any of 2 rows of this name"]
        )
    exported = text(ana, batch, "candidates", "?all=1")
    again = start([stored("d.csv", exported.encode())], owner=researcher)
    assert again.columns == batch.columns
    assert table(text(ana, again, "candidates", "?all=1")) == table(exported)
    cells = [cells[: len(rows[0])] for cells in table(exported)]
    assert cells == table(listed.candyjar(rows))


def test_a_batch_without_their_columns_is_given_what_is_known(ana, batch, researcher):
    names = [f"J{n}" for n in range(10)]
    known = {
        "name": names,
        "period_s": ["0.5"] * 10,
        "dm": ["61.5"] * 10,
        "ra_deg": ["187.5"] * 10,
        "dec_deg": ["-33.25"] * 10,
        "mjd": ["59352.0416666667"] * 10,
    }
    made = batch(10, **known)
    judge(made, researcher, {10: "T1_CAND"})
    [head, cells] = table(text(ana, made, "candidates"))
    score = judged(made, [10])[10].probability
    found = dict(zip(head, cells, strict=True))
    assert float(found.pop("pics_pulsar_2")) == pytest.approx(score, abs=1e-6)
    assert found == {
        "beam_id": "",
        "source_name": "",
        "ra": "12:30:00.00",
        "dec": "-33:15:00.0",
        "mjd_start": "59352.0416666667",
        "utc_start": "2021-05-18T01:00:00",
        "f0_opt": "2.0",
        "f1_opt": "",
        "dm_opt": "61.5",
        "sn_fold": "",
        "tobs": "",
        "png_path": "J9",
    }
    assert text(ana, made, "classification") == f"{HEAD},,J9,T1_CAND\n"


def test_a_cell_that_a_spreadsheet_would_run_is_harmless_and_found_again(
    ana, researcher, champion
):
    name = "=HYPERLINK(1)"
    content = as_csv(simulate(2), name=[name, "-12.5"], ra=["x", "-24:46:46.20"])
    batch = start([stored("f.csv", content)], owner=researcher)
    judge(batch, researcher, {1: "RFI", 2: "NOISE"})
    file = text(ana, batch, "classification")
    assert file == f"{HEAD},,'{name},RFI\n,,-12.5,NOISE\n"
    undo(researcher)
    undo(researcher)
    assert said(bring(ana, batch, file))[0] == {1: "RFI", 2: "NOISE"}


def test_others_verdicts_are_given_out_as_far_as_they_are_shown(
    ana, researcher, jar, person
):
    batch, ben = jar(), person("researcher", "ben")
    judge(batch, ben, {1: "RFI", 2: "NOISE"})
    judge(batch, researcher, {2: "T1_CAND"})
    query = f"?person={ben.pk}"
    assert len(table(text(ana, batch, "classification", query))) == 3
    batch.blind = True
    batch.save(update_fields=["blind"])
    [_, cells] = table(text(ana, batch, "classification", query))
    assert cells[2:] == ["plots/cand_02.png", "NOISE"]
    assert text(ana, batch, "classification", "?person=999999999") == HEAD
    wrong = page(batch, "classification", "?person=x")
    assert ana.get(wrong).status_code == 404
    assert ana.get(page(batch, "classification", "?form=new")).status_code == 404


def test_broken_off_the_same_file_says_the_rest(ana, researcher, jar, monkeypatch):
    class Killed(BaseException):
        """The power is cut."""

    def cut(step: str) -> None:
        raise Killed(step)

    batch = jar()
    lines = "".join(f",,cand_{n:02d}.png,RFI\n" for n in range(1, N + 1))
    monkeypatch.setattr(bringing, "AT_ONCE", 2)
    looked = bring(ana, batch, HEAD + lines)
    with monkeypatch.context() as patch:
        patch.setattr(crash, "at", cut)
        with pytest.raises(Killed):
            confirm(ana, batch, looked)
    assert says(batch, researcher) == {1: "RFI", 2: "RFI"}
    looked = bring(ana, batch, HEAD + lines)
    assert said(looked)[2] == 2
    confirm(ana, batch, looked)
    assert says(batch, researcher) == dict.fromkeys(range(1, N + 1), "RFI")


def test_a_file_of_no_use_is_answered_in_words(ana, jar, storage):
    batch = jar()
    for content, reason in (
        (b"", "has no column classification"),
        (b"png,verdict\nx,RFI\n", "has no column classification"),
        (HEAD.encode(), "holds no rows"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\r", "has no column classification"),
        (b"png,classification\n" + b"x,RFI\n" * 20_001, "has more than 20,000 rows"),
        (b"png,classification\n" + b"x" * 32 * 2**20, "in more than 32 MiB"),
    ):
        response = bring(ana, batch, content)
        assert response.status_code == 422
        assert re.search(f"classification.csv.*{reason}", response.content.decode())
    assert list((storage / "tmp").glob("verdicts-*")) == []


def test_without_a_line_of_names_the_columns_are_candyjars(ana, jar):
    batch = jar()
    assert said(bring(ana, batch, "1812,,cand_01.png,RFI\n"))[0] == {1: "RFI"}
    assert said(bring(ana, batch, ",cand_02.png,RFI\n,cand_03.png,UNCAT\n"))[0] == {
        2: "RFI"
    }


def test_only_who_has_looked_at_a_file_brings_it_in(
    ana, client, jar, person, researcher
):
    batch = jar()
    looked = bring(ana, batch, f"{HEAD},,cand_01.png,RFI\n")
    client.force_login(person("researcher", "ben"))
    assert confirm(client, batch, looked).status_code == 409
    client.force_login(researcher)
    wrong = {"token": f"{uuid.uuid4().hex}:x"}
    assert client.post(page(batch, "import"), wrong).status_code == 409
    other = jar("other.zip")
    assert confirm(client, other, looked).status_code == 409
    assert confirm(client, batch, looked).status_code == 200
    assert confirm(client, batch, looked).status_code == 409
    assert "The file waits no longer" in confirm(client, batch, looked).content.decode()


def test_the_form_is_there_and_a_private_batch_is_nowhere(ana, client, jar, person):
    batch = jar()
    assert "Look at it" in ana.get(page(batch, "import")).content.decode()
    batch.private = True
    batch.save(update_fields=["private"])
    client.force_login(person("researcher", "ben"))
    for name in ("import", "candidates", "classification"):
        assert client.get(page(batch, name)).status_code == 404


def test_the_page_of_a_row_says_what_candidates_csv_says(ana, jar):
    batch = jar()
    content = ana.get(reverse("showroom:row", args=[batch.pk, 1])).content.decode()
    listed_there = content.partition("What lists say of it")[2]
    assert "<dt>png_path</dt><dd>plots/cand_01.png</dd>" in listed_there
    assert "<dt>period_s</dt>" not in content


def test_the_full_form_with_features_is_a_table_of_labels(ana, researcher, champion):
    batch = start([stored("c.csv", _with_features())], owner=researcher)
    judge(batch, researcher, {1: "T1_CAND"})
    file = text(ana, batch, "classification", "?form=full")
    assert file.splitlines()[0].endswith("dm_exkurt,classification")
    assert file.splitlines()[1].endswith(",T1_CAND")


def _with_features() -> bytes:
    values = dict(zip(FEATURES, map(repr, map(float, simulate(1)[0])), strict=True))
    return listed.candyjar([row(1) | values])
