"""Promises of `weeklyai eval --pairs`: every row stands beside its baselines, hostile text stays text, bad lines are counted."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from weeklyai import comparing
from weeklyai.cli import program
from weeklyai.drafting import judge
from weeklyai.drafting.rouge import rouge_l
from weeklyai.errors import UserError
from weeklyai.publish import scaffold

BODY = (
    "The weather in Turin was mild on the day of the launch event. "
    "Nimbus released version 4.0 of its database, which stores vectors beside rows. "
    "The company says that queries run twice as fast as in version 3.0 on the same machine. "
    "A migration guide explains each change to the configuration format. "
    "Support for version 2.0 ends in March, according to the project's calendar."
)
HOSTILE = "<script>alert(1)</script>"


def record(n: int, **fields: Any) -> dict[str, Any]:
    return {"title": f"Nimbus releases database version 4.0, part {n}", "text": BODY, "source": f"Paper {n % 2}",
            "summary": "Version 4.0 of the Nimbus database stores vectors and runs queries twice as fast."} | fields  # fmt: skip


@pytest.fixture
def site(tmp_path: Path) -> Path:
    scaffold.init(tmp_path / "site", title="Letter", url="https://letter.example", feeds=False)
    return tmp_path / "site"


def pairs(path: Path, *records: Any) -> Path:
    lines = "".join(
        one + "\n" if isinstance(one, str) else json.dumps(one) + "\n" for one in records
    )
    path.write_bytes(gzip.compress(lines.encode()) if path.suffix == ".gz" else lines.encode())
    return path


def call(site: Path, *words: str) -> Result:
    return CliRunner().invoke(program, ["--site", str(site), "eval", *words])


def test_one_command_prints_every_row_and_writes_the_page(site: Path, tmp_path: Path) -> None:
    path = pairs(tmp_path / "p.jsonl.gz", *(record(n) for n in range(4)))

    done = call(site, "--pairs", str(path), "--model", "none", "--json")

    tables = json.loads(done.stdout)
    systems = {row["system"]: row for row in tables["Drafts against people's summaries"]}
    assert {judge.HUMAN, "ours, two, shuffled", "the headline", "random-3", "lead-1", "lead-2", "lead-3", judge.LEAD_PMI,
            judge.PLACE, "best possible one", judge.ONE, judge.TWO, judge.PUBLISHED} <= set(systems)  # fmt: skip
    assert systems[judge.HUMAN]["R1"] == 100
    assert systems["best possible one"]["R1"] >= systems["lead-1"]["R1"]
    assert systems[judge.PUBLISHED]["unsupported, % of drafts"] == 0
    assert (site / "preview" / "eval.html").exists()


def test_text_of_strangers_is_escaped_on_the_page(site: Path, tmp_path: Path) -> None:
    title = f"{HOSTILE} in {{{{ title }}}}"
    path = pairs(tmp_path / "p.jsonl", record(0, title=title, source='"><img src=x>', text=f"{BODY} {HOSTILE}"))  # fmt: skip

    done = call(site, "--pairs", str(path), "--html", str(tmp_path / "x.html"))

    page = (tmp_path / "x.html").read_text()
    assert done.exit_code == 0
    assert "<script" not in page
    assert "<img" not in page
    assert "default-src 'none'" in page


def test_bad_lines_and_unfair_pairs_are_counted_not_judged(site: Path, tmp_path: Path) -> None:
    unfair = [record(1, summary=BODY), record(2, summary="Too short."), record(3, text=None), record(0)]  # fmt: skip
    path = pairs(tmp_path / "p.jsonl", record(0), *unfair, "{broken", "[" * 5_000, "[1]")

    facts = json.loads(call(site, "--pairs", str(path), "--json").stdout)["What was measured"][0]

    assert facts["judged"] == 1
    assert "no JSON object 3" in facts["left out"]
    assert "summary is the text's beginning 1" in facts["left out"]


def test_a_file_without_pairs_or_packed_wrongly_is_one_sentence(site: Path, tmp_path: Path) -> None:
    broken = tmp_path / "b.jsonl.gz"
    broken.write_bytes(b"no gzip")
    for path in (pairs(tmp_path / "e.jsonl"), broken):
        assert isinstance(call(site, "--pairs", str(path)).exception, UserError)
    some = pairs(tmp_path / "p.jsonl", record(0))
    assert call(site, "--pairs", str(some), "--model", "feed").exit_code == 1


def test_pairs_of_the_review_page_are_read_too() -> None:
    item = comparing.as_item({"headline": "A title", "source": BODY, "text": "The take.", "publisher": "Paper"})  # fmt: skip

    assert (item.title, item.body, item.summary, item.source) == ("A title", BODY, "The take.", "Paper")  # fmt: skip


def test_the_same_pairs_give_the_same_figures(site: Path, tmp_path: Path) -> None:
    path = pairs(tmp_path / "p.jsonl", *(record(n) for n in range(5)))

    assert call(site, "--pairs", str(path), "--json").stdout == call(site, "--pairs", str(path), "--json").stdout  # fmt: skip


def test_rouge_l_follows_the_order_of_words() -> None:
    assert rouge_l("red green blue", "red green blue") == 100
    assert rouge_l("blue green red", "red green blue") == pytest.approx(100 / 3)
    assert rouge_l("", "red") == 0
