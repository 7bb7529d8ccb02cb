"""Building a site of 26, 52 and 104 issues with real Jekyll: the theme's cost must grow with the issues, not faster.

Run: python bench/site.py [--runs N] [--keep DIR]
Invented issues go the way of real ones (`compose`'s topics, `post.render`, `tags.pages`) into a site made by
`scaffold.init`, which Jekyll then builds from nothing. The peer is the same site with Jekyll's own theme, minima. --keep
leaves the largest site in DIR. The last line is JSON: ratio = seconds an issue at 26 over seconds an issue at 104, the
build of an empty site taken off; 1 is linear, a quadratic step would bring it towards 0.25.
"""

import argparse
import json
import os
import random
import subprocess
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jinja2

from weeklyai import files
from weeklyai.dates import Week
from weeklyai.publish import compose, post, scaffold, tags, templates
from weeklyai.publish.normal import normal
from weeklyai.records import (
    Bullets,
    Feature,
    Inline,
    Issue,
    NewsItem,
    NumberedItem,
    Numbers,
    Paragraph,
    Section,
    Span,
    Subheading,
)

SIZES = (26, 52, 104)
GOAL = 0.8
FIRST = datetime(2023, 1, 6, 20, tzinfo=UTC)
MAKERS = ("Orchid Labs", "Nimbus", "Tern Systems", "Blue Quill", "Karst", "Heron", "Wren")
THINGS = (
    "compiler",
    "language model",
    "database",
    "graphics chip",
    "browser",
    "drone",
    "cloud service",
    "text editor",
)
DEEDS = ("ships a faster", "opens the source of its", "raises $12 million for a", "mends a breach in its", "shows a paper about its")  # fmt: skip
SUBJECTS = (
    "Caching",
    "Queues",
    "Tokenizers",
    "Attention",
    "Indexes",
    "Checksums",
    "Schedulers",
    "Compilers",
)
WORDS = "work time memory model answer question data page cost reader machine network error test change limit".split()


def sentence(rng: random.Random) -> str:
    """Return a dozen words that look like a sentence."""
    return f"The {' '.join(rng.choice(WORDS) for _ in range(rng.randint(8, 16)))}."


def words(rng: random.Random, most: int = 5) -> Inline:
    """Return a paragraph."""
    return (Span(" ".join(sentence(rng) for _ in range(rng.randint(1, most)))),)


def feature(rng: random.Random, topic: str) -> Feature:
    """Return an article of about 1,000 words."""

    def section(heading: str) -> Section:
        parts = (
            Paragraph(words(rng)),
            Subheading(f"A {rng.choice(WORDS)} and a {rng.choice(WORDS)}"),
            Numbers(
                tuple(NumberedItem(words(rng, 2), rng.choice(WORDS).title()) for _ in range(4))
            ),
            Bullets(tuple(words(rng, 1) for _ in range(3))),
        )
        return Section(heading, parts)

    middle = tuple(section(f"{rng.choice(WORDS).title()} of {topic}") for _ in range(4))
    ends = (Section("Introduction", (Paragraph(words(rng)),)), Section("Conclusion", (Paragraph(words(rng)),)))  # fmt: skip
    return Feature(topic, words(rng, 4), (ends[0], *middle, ends[1]))


def issue(number: int) -> Issue:
    """Return the invented issue of week `number`, the same for the same number."""
    rng = random.Random(number)  # noqa: S311 -- no secret
    date = FIRST + timedelta(weeks=number)
    topic = f"{rng.choice(SUBJECTS)} for {rng.choice(WORDS).title()}s"
    news = tuple(
        NewsItem(f"{rng.choice(MAKERS)} {rng.choice(DEEDS)} {rng.choice(THINGS)}", f"https://news.example/{number}/{n}",
                 "The news desk", "https://letter.example/about/", f"{sentence(rng)} {sentence(rng)}")
        for n in range(10)
    )  # fmt: skip
    return normal(Issue(
        week=Week.of(date), topic=topic, date=date, drafted_by="weeklyai, no model", feature=feature(rng, topic),
        description=compose.description(f"{topic}, and the week's technology news", [item.headline for item in news]),
        pulse="Current Tech Pulse: Our Team's Take:", intro="Our desk sums up the week.", news=news,
        closing="Drafted by a model from the linked sources.",
        tags=tags.choose(topic, [(item.headline, item.take) for item in news]),
    ))  # fmt: skip


def make_site(folder: Path, count: int, *, url: str = "https://letter.example") -> None:
    """Make a site of `count` issues in `folder`."""
    scaffold.init(folder, title="The Bench Letter", url=url)
    view: jinja2.Environment = templates.environment(folder)
    for number in range(count):
        one = issue(number)
        files.write_text(folder / "_posts" / post.file_name(one), post.render(one, view))
        for path, text in tags.pages(one.tags).items():
            files.write_text(folder / path, text)


def build(folder: Path, *, minima: bool = False) -> float:
    """Return the seconds that Jekyll takes for the site in `folder`, from nothing."""
    with tempfile.TemporaryDirectory() as out:
        more = Path(out) / "more.yml"
        more.write_text(
            "theme: minima\nlayouts_dir: none\nincludes_dir: none\n" if minima else "{}"
        )
        began = time.perf_counter()
        subprocess.run(
            ["jekyll", "build", "--quiet", "--disable-disk-cache", "-s", str(folder), "-d", f"{out}/site",
             "--config", f"{folder / '_config.yml'},{more}"],
            check=True, env={**os.environ, "LANG": "C.UTF-8", "JEKYLL_ENV": "production"}, timeout=600,
        )  # fmt: skip
        return time.perf_counter() - began


def main() -> None:
    """Measure and print."""
    said = argparse.ArgumentParser()
    said.add_argument("--runs", type=int, default=3)
    said.add_argument("--keep", type=Path)
    said.add_argument("--url", default="https://letter.example")
    chosen = said.parse_args()
    if chosen.keep:
        make_site(chosen.keep, SIZES[-1], url=chosen.url)
    with tempfile.TemporaryDirectory() as folder:
        seconds: dict[int, float] = {}
        for count in (0, *SIZES):
            site = Path(folder) / str(count)
            make_site(site, count)
            seconds[count] = min(build(site) for _ in range(chosen.runs))
        peer = min(build(site, minima=True) for _ in range(chosen.runs))
    each = {count: (seconds[count] - seconds[0]) / count for count in SIZES}
    for count in SIZES:
        print(f"{count:4} issues {seconds[count]:7.2f} s   {1000 * each[count]:6.1f} ms an issue")
    print(f"an empty site {seconds[0]:.2f} s; {SIZES[-1]} issues with minima {peer:.2f} s")
    row = {"name": "Jekyll build, seconds an issue at 26 over at 104", "ours": round(each[SIZES[-1]], 4),
           "peer": round(each[SIZES[0]], 4), "ratio": round(each[SIZES[0]] / each[SIZES[-1]], 3), "goal": GOAL, "unit": "s",
           "seconds": {str(count): round(value, 2) for count, value in seconds.items()}, "minima": round(peer, 2)}  # fmt: skip
    print(json.dumps(row))


if __name__ == "__main__":
    main()
