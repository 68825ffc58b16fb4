"""What vetting takes: from a key press to the next candidate, and the queue itself.

    python benchmarks/vetting.py [--candidates N] [--rows N] [--raw N] [--presses N]
                                 [--requests N] [--pause MS] [--storage FOLDER] [--json]

Makes a site in a throw-away storage with N shortlisted candidates (100,000 if nothing
is said) in batches of 2,500, a table of 1,000,000 rows, and a batch of simulated raw
candidates with plots. First the queue: the next three from the beginning and behind a
place, and the count, by both orders and by a filtered table, with nothing judged, and
with the half judged that comes first. Then a headless Chromium judges raw candidates by
keyboard: from the keydown until the next candidate is painted (two animation frames),
once with pictures that were drawn before, and once with pictures that nobody has seen;
there also until its picture is there. Wall time in milliseconds. With --storage the
site is kept there, and found again.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import pages
import vetted_site

if TYPE_CHECKING:
    from pulsarsite.tests.site import Site

# A table's filter, and its order.
TABLE = "sort=-dm_mean&dm_mean_from=10"
COLUMNS = {"uncertain": "margin", "score": "-probability"}
WATCH = """
  window.seen = { candidate: [], picture: [] };
  const frame = requestAnimationFrame;
  const after = (from, pile) =>
    frame(() => frame(() => pile.push(performance.now() - from)));
  document.addEventListener("keydown", ({ timeStamp }) => {
    const before = document.querySelector("[data-card]")?.dataset.card;
    const until = (holds, pile) => {
      if (holds()) after(timeStamp, pile);
      else requestAnimationFrame(() => until(holds, pile));
    };
    const card = () => document.querySelector("[data-card]");
    const isNext = () => card() && card().dataset.card !== before;
    until(isNext, seen.candidate);
    until(() => isNext() && card().querySelector("img")?.complete, seen.picture);
  }, { capture: true });
"""


def main() -> None:
    """Fill, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", type=int, default=100_000)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--raw", type=int, default=240)
    parser.add_argument("--presses", type=int, default=200)
    parser.add_argument("--requests", type=int, default=20)
    parser.add_argument("--pause", type=int, default=500, help="between two presses")
    parser.add_argument("--storage", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with TemporaryDirectory(prefix="vetting-") as folder:
        home = (options.storage or Path(folder)).resolve()
        storage = home / "var"
        storage.mkdir(parents=True, exist_ok=True)
        pages.configure(storage, 0)
        sizes = map(str, (options.candidates, options.rows, options.raw))
        # In a process of its own, as its memory is none of a page's.
        subprocess.run([sys.executable, vetted_site.__file__, *sizes], check=True)
        found = {"queue": queue(options.requests), "keys": keys(home, options)}
    print(json.dumps(found, indent=2) if options.json else markdown(found))
    print(f"\n{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}.")


def queue(requests: int) -> dict[str, Any]:
    """What each question to the queue takes, by order and by how much is judged."""
    import django

    django.setup()
    from django.http import QueryDict

    from accounts.models import User
    from showroom.models import Batch, Verdict
    from showroom.vetting.asked import asked

    person = User.objects.get(username=vetted_site.PERSON)
    table = Batch.objects.get(title__endswith=" simulated rows")
    found = {}
    for half in (False, True):
        for order in (*COLUMNS, "table"):
            n = 0
            Verdict.objects.all().delete()
            if half and order == "table":
                n = vetted_site.judge_rows(person, table, TABLE)
            elif half:
                n = vetted_site.judge_half(person, COLUMNS[order])
            more = f"&batch={table.pk}&{TABLE}" if order == "table" else ""
            asks = asked(person, QueryDict(f"order={order}{more}")).queue(person)
            found[f"{order}, {n:,} judged"] = _questions(asks, requests)
    Verdict.objects.all().delete()
    return found


def _questions(asks: Any, requests: int) -> dict[str, Any]:
    places = asks.following(None, requests)
    steps = iter(places * 2)
    return {
        "first three": timed(lambda: asks.following(None, 3), requests),
        "next three": timed(lambda: asks.following(next(steps), 3), requests),
        "count": timed(asks.left, requests),
    }


def keys(home: Path, options: argparse.Namespace) -> dict[str, Any]:
    """From a key press to the next candidate, with known pictures and with new ones."""
    from accounts.models import User
    from conftest import free_port
    from pulsarsite.tests.site import PASSWORD, running_site

    person = User.objects.get(username=vetted_site.PERSON)
    person.set_password(PASSWORD)
    person.save()
    found = {}
    with running_site(home, free_port()) as site:
        address = batch_of_raw(site)
        shutil.rmtree(home / "var" / "plots", ignore_errors=True)
        found["new pictures"] = press(site, address, options)
        forget(site)
        draw(site, address, options.raw)
        found["known pictures"] = press(site, address, options)
    return found


def batch_of_raw(site: "Site") -> str:
    """The address of what is judged."""
    asked = "select id from showroom_batch where title = 'raw.zip'"
    [(number,)] = site.ask(asked)
    return f"/showroom/vet/?order=score&batch={number}"


def press(site: "Site", address: str, options: argparse.Namespace) -> dict[str, Any]:
    """Judge by keyboard, as quickly as a person; how long each next one took."""
    from pulsarsite.tests.site import browser, log_in

    with browser(site) as page:
        log_in(page, vetted_site.PERSON)
        page.wait_for_url("**/")
        page.goto(address)
        page.wait_for_selector("[data-ready=yes]")
        page.wait_for_timeout(3_000)
        page.evaluate(WATCH)
        for number in range(min(options.presses, options.raw - 10)):
            page.keyboard.press("yu"[number % 2])
            page.wait_for_timeout(options.pause)
        seen: dict[str, list[float]] = page.evaluate("window.seen")
        saved = "[data-saving][data-state=saved]"
        page.wait_for_selector(saved, state="attached")
    return {what: summary(times) for what, times in seen.items()}


def forget(site: "Site") -> None:
    """As if nothing had been judged."""
    said = "from showroom.models import Verdict\nVerdict.objects.all().delete()"
    site.manage("shell", "-v0", "-c", said)


def draw(site: "Site", address: str, n_raw: int) -> None:
    """Have every picture drawn."""
    from pulsarsite.tests.site import browser, log_in

    number = address.rpartition("=")[2]
    with browser(site) as page:
        log_in(page, vetted_site.PERSON)
        page.wait_for_url("**/")
        for row in range(1, n_raw + 1):
            picture = f"/showroom/batches/{number}/rows/{row}/plots-light.png"
            page.request.get(picture)


def timed(ask: Callable[[], object], requests: int) -> dict[str, float]:
    """Ask so many times."""
    times = []
    for _ in range(requests):
        start = time.perf_counter()
        ask()
        times.append(1e3 * (time.perf_counter() - start))
    return summary(times)


def summary(times: list[float]) -> dict[str, float]:
    """The middle, what 95 of 100 stay within, and the longest."""
    return {
        "n": len(times),
        "p50": round(statistics.median(times), 1),
        "p95": round(pages.p95(times), 1),
        "max": round(max(times), 1),
    }


def markdown(found: dict[str, Any]) -> str:
    """Both as one table."""
    lines = ["| what | n | p50 | p95 | max |", "|---|---|---|---|---|"]
    for part in found.values():
        for name, measured in part.items():
            for what, times in measured.items():
                cells = " | ".join(f"{value:g}" for value in times.values())
                lines.append(f"| {name}: {what} | {cells} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
