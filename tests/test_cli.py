"""Promises of the command line: what it prints, its exit codes, and never a traceback for a person's mistake."""

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest

from tests.site import WEEK, small_site
from weeklyai import __version__
from weeklyai.cli import program

CLOCK = "2024-07-13T00:00:00+00:00"


def weeklyai(*words: str, site: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command line as a person does."""
    where = ["--site", str(site)] if site else []
    return subprocess.run(
        [sys.executable, "-m", "weeklyai", *where, *words],
        capture_output=True, text=True, check=False, timeout=100,
        env={"PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(__file__).parent.parent)},
    )  # fmt: skip


def test_help_names_every_command_and_loads_no_torch() -> None:
    code = (
        "import sys; from weeklyai import cli\n"
        "try: cli.program(['--help'])\n"
        "except SystemExit: pass\n"
        "sys.exit('torch' in sys.modules or 'feedparser' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert all(
        name in done.stdout
        for name in (
            "init",
            "feeds",
            "fetch",
            "train",
            "eval",
            "draft",
            "publish",
            "build",
            "doctor",
        )
    )
    assert "Examples:" in done.stdout


@pytest.mark.parametrize("name", sorted(program.commands))
def test_every_command_explains_itself(name: str) -> None:
    command = program.commands[name]

    assert command.help
    assert all(option.help for option in command.params if isinstance(option, click.Option))


def test_the_version_is_the_packages() -> None:
    assert __version__ in weeklyai("--version").stdout


def test_what_is_not_there_yet_is_not_offered() -> None:
    assert not {"send"} & set(program.commands)


def test_a_whole_site_from_the_command_line(tmp_path: Path) -> None:
    with small_site(tmp_path) as (_, server):
        added = weeklyai("feeds", "add", server.url("/1"), site=tmp_path)
        listed = json.loads(weeklyai("feeds", "list", "--json", site=tmp_path).stdout)
        built = weeklyai("build", "--week", WEEK, "--now", CLOCK, site=tmp_path)
        again = weeklyai("build", "--week", WEEK, "--now", CLOCK, site=tmp_path)
        measured = weeklyai("eval", site=tmp_path)
        health = weeklyai("doctor", site=tmp_path)
        checked = json.loads(weeklyai("feeds", "check", "--json", site=tmp_path).stdout)

    assert added.returncode == 0
    assert len(listed) == 4
    assert built.returncode == 0, built.stderr
    for row in (
        "feeds",
        "items",
        "parameters",
        "held-out bits per byte",
        "stories",
        "copied / rewritten",
        "seconds by stage",
    ):
        assert row in built.stdout
    assert "100%" in built.stderr
    assert "_posts/2024-07-12-week-28-2024.md" in built.stdout
    assert (again.returncode, "nothing was changed" in again.stdout) == (0, True)
    assert "token frequencies" in measured.stdout
    assert "first two sentences" in measured.stdout
    assert health.returncode == 0, health.stdout
    assert "parameters" in health.stdout
    assert {feed["status"] for feed in checked} == {"unchanged"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("build",), "weeklyai.toml is missing"),
        (("doctor",), ""),
        (("feeds", "list"), "weeklyai init DIR"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_outside_a_site_the_way_in_is_named(
    tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    done = weeklyai(*words, site=tmp_path)

    assert done.returncode == (2 if message else 1)
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("build", "--week", "2024-W99"), 2, "write it like 2024-W29"),
        (("build", "--now", "noon"), 2, "with its offset"),
        (("build", "--budget", "soon"), 2, "is not a duration such as 45s"),
        (("build", "--week", "2099-W01"), 2, "lies ahead of the clock"),
        (("fetch",), 2, "lists no feeds"),
        (("build",), 2, "lists no feeds"),
        (("eval",), 1, "run 'weeklyai train'"),
        (("publish", "--week", "2024-W28"), 2, "there is no draft of 2024-W28"),
        (("draft", "--week", "2024-W28"), 2, "has 0 stories that can be published"),
        (("train", "--week", "2024-W28"), 2, "weeklyai feeds add"),
        (("feeds", "add", "ftp://a.example/"), 2, "is not a web address"),
        (("feeds", "import", "none.opml"), 2, "cannot be read"),
        (("frobnicate",), 2, "No such command"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_a_mistake_is_one_sentence(
    tmp_path: Path, words: tuple[str, ...], code: int, message: str
) -> None:
    assert weeklyai("init", str(tmp_path / "letter"), "--no-feeds").returncode == 0
    done = weeklyai(*words, site=tmp_path / "letter")

    assert (done.returncode, message in done.stderr) == (code, True), done.stderr
    assert "Traceback" not in done.stderr


def test_a_second_init_overwrites_nothing(tmp_path: Path) -> None:
    weeklyai("init", str(tmp_path))
    (tmp_path / "about.md").write_text("mine")
    done = weeklyai("init", str(tmp_path))

    assert done.returncode == 2
    assert (tmp_path / "about.md").read_text() == "mine"


def test_the_doctor_names_what_is_broken_and_how_to_mend_it(tmp_path: Path) -> None:
    weeklyai("init", str(tmp_path), "--no-feeds")
    config = tmp_path / "_config.yml"
    config.write_text(
        config.read_text()
        .replace("timezone: UTC", "timezone: Asia/Tokyo")
        .replace('timezone: "UTC"', "timezone: Asia/Tokyo")
    )
    (tmp_path / "assets" / "images" / "memo16.png").unlink()
    (tmp_path / "templates" / "post.md.j2").write_text("{% if %}")
    done = weeklyai("doctor", "--json", site=tmp_path)
    broken = {
        row["what"]: row["sentence"] for row in json.loads(done.stdout) if row["state"] == "broken"
    }

    assert done.returncode == 1
    assert set(broken) == {"feeds", "templates", "_config.yml", "assets"}
    assert "Asia/Tokyo" in broken["_config.yml"]


def test_templates_are_listed_and_copied(tmp_path: Path) -> None:
    site = tmp_path / "letter"
    weeklyai("init", str(site))
    copied = weeklyai("templates", "copy", "post.md.j2", site=site)
    again = weeklyai("templates", "copy", "post.md.j2", site=site)
    listed = json.loads(weeklyai("templates", "list", "--json", site=site).stdout)

    assert (copied.returncode, again.returncode) == (0, 2)
    assert {row["name"]: row["whose"] for row in listed}["post.md.j2"] == "site"
    assert "The weekly post" in weeklyai("templates", "list", site=site).stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("schedule",), "--systemd, --cron or --github"),
        (("due",), "lies in no git repository"),
        (("propose", "--week", "2024-W28"), "lies in no git repository"),
        (("propose", "--build", "none.json"), "cannot be read"),
        (("serve", "--port", "70000"), "not in the range"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_a_mistake_about_the_schedule_is_one_sentence(
    tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    weeklyai("init", str(tmp_path / "letter"))
    done = weeklyai(*words, site=tmp_path / "letter")

    assert (done.returncode, message in done.stderr) == (2, True), done.stderr
    assert "Traceback" not in done.stderr
