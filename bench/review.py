"""The review page with a draft of 60 stories: from a key to the changed page, in headless Chromium.

Run: python -m bench.review [--stories N] [--runs N]
Measured inside the page, from the key's event to the frame in which the page shows what came of it: server, files flushed to
disk, and layout included. The peer is the promise: 100 ms, under which people feel that an answer is immediate (Miller 1968).
The last line is JSON: ratio = 100 ms over our slowest median.
"""

import argparse
import json
import shutil
import statistics
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.review.place import make_desk, make_site, serving

LIMIT = 100.0  # milliseconds
# Press a key; resolve to the milliseconds until `done` is true of the page and a frame was drawn.
SCRIPT = """([key, done]) => new Promise((resolve) => {
  const test = new Function(`return ${done}`);
  const before = window.benchBefore = {
    looking: location.hash, html: document.getElementById("list").innerHTML, mirror: document.querySelectorAll("#mirror u").length,
  };
  const began = performance.now();
  const look = () => test() ? requestAnimationFrame(() => resolve(performance.now() - began)) : setTimeout(look, 1);
  document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  look();
})"""
SHOWN = "document.querySelector('#evidence .shown')?.dataset.key === location.hash.slice(1)"
CHANGED = "document.getElementById('list').innerHTML !== benchBefore.html && document.getElementById('status').textContent !== '…'"
DEEDS = (
    ("next story", "j", f"location.hash !== benchBefore.looking && {SHOWN}"),
    ("accept, and on to the next", "a", f"{CHANGED} && location.hash !== benchBefore.looking && {SHOWN}"),
    ("move down", "J", CHANGED),
    ("open the editor", "e", "!document.getElementById('editor').hidden"),
    ("drop", "d", CHANGED),
    ("undo", "u", CHANGED),
)  # fmt: skip


def measure(page: Page, runs: int) -> dict[str, list[float]]:
    """Return the milliseconds of each deed."""
    found: dict[str, list[float]] = {name: [] for name, _, _ in DEEDS}
    for _ in range(runs):
        for name, key, done in DEEDS:
            found[name].append(page.evaluate(SCRIPT, [key, done]))
            page.wait_for_timeout(150)
            if key == "e":
                page.keyboard.press("Escape")
                page.wait_for_timeout(150)
    return found


def main() -> None:
    """Measure and print."""
    said = argparse.ArgumentParser()
    said.add_argument("--stories", type=int, default=60)
    said.add_argument("--runs", type=int, default=15)
    chosen = said.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        desk = make_desk(make_site(Path(folder) / "site", chosen.stories))
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        with serving(desk) as server:
            # The page's own policy forbids the bench's `new Function`.
            page = browser.new_context(bypass_csp=True, viewport={"width": 1440, "height": 900}).new_page()  # fmt: skip
            page.goto(server.address)
            page.wait_for_selector("body[data-ready]")
            stories = page.locator("#list li").count()
            if stories < chosen.stories:
                raise SystemExit(f"the draft holds {stories} stories instead of {chosen.stories}")
            times = measure(page, chosen.runs)
        browser.close()
    rows: dict[str, Any] = {}
    for name, values in times.items():
        rows[name] = {"median": round(statistics.median(values), 1), "slowest": round(max(values), 1)}  # fmt: skip
        print(f"{name:28} median {rows[name]['median']:7.1f} ms   slowest {rows[name]['slowest']:7.1f} ms")  # fmt: skip
    worst = max(row["median"] for row in rows.values())
    print(json.dumps({"name": f"review page, {stories} stories, slowest median", "ours": worst, "peer": LIMIT, "ratio": round(LIMIT / worst, 2),
                      "goal": 1.0, "unit": "ms", "deeds": rows}))  # fmt: skip


if __name__ == "__main__":
    main()
