"""Promises of the GitHub workflows: what a careful maintainer asks of them, and their steps run on real git.

The steps' own words are run by bash, in clones that are thrown away after each job, with `weeklyai` as installed and a
`gh` that only writes down what it is told.
"""

import re
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.checkouts import ALONE, clone, commit_file, git, make_remote
from tests.feeds import server
from tests.site import WEEK, small_site
from weeklyai import config, scheduling
from weeklyai.feeds import opml
from weeklyai.feeds.opml import Subscription
from weeklyai.publish import scaffold

Job = Mapping[str, Any]
NOT_HERE = re.compile(r"pip install|apt-get")  # steps that want the network
BRANCH = f"issue/{WEEK}"


def workflows(folder: Path) -> dict[str, Any]:
    scaffold.init(folder, title="Letter", url="https://letter.example", timezone="Europe/Berlin")
    found = sorted((folder / ".github" / "workflows").glob("*.yml"))
    return {path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in found}


def jobs(folder: Path) -> list[tuple[str, Job]]:
    return [(f"{name}: {key}", job) for name, flow in workflows(folder).items() for key, job in flow["jobs"].items()]  # fmt: skip


def test_every_action_is_pinned_by_commit_with_its_version_beside_it(tmp_path: Path) -> None:
    workflows(tmp_path)
    for path in (tmp_path / ".github" / "workflows").glob("*.yml"):
        used = re.findall(r"uses: (.*)", path.read_text(encoding="utf-8"))
        assert used
        for line in used:
            assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line), line


def test_every_job_has_its_own_rights_and_an_end(tmp_path: Path) -> None:
    allowed = {
        "pages.yml: build": {"contents": "read"},
        "pages.yml: deploy": {"pages": "write", "id-token": "write"},
        "weekly.yml: collect": {"contents": "write"},
        "weekly.yml: issue": {"contents": "write"},
        "weekly.yml: request": {"contents": "read", "pull-requests": "write"},
    }
    found = jobs(tmp_path)
    assert {name: job["permissions"] for name, job in found} == allowed
    assert all(5 <= job["timeout-minutes"] <= 120 for _, job in found)
    assert all(flow["permissions"] == {} for flow in workflows(tmp_path / "again").values())


def test_no_expression_reaches_a_shell(tmp_path: Path) -> None:
    for name, job in jobs(tmp_path):
        for step in job["steps"]:
            assert "${{" not in step.get("run", ""), name


def test_a_checkout_keeps_its_key_only_where_it_pushes(tmp_path: Path) -> None:
    for name, job in jobs(tmp_path):
        for step in job["steps"]:
            if "actions/checkout" in step.get("uses", "") and "contents: write" not in str(job["permissions"]).replace("'", ""):  # fmt: skip
                assert step["with"]["persist-credentials"] is False, name


def test_the_clock_is_weekly_and_daily_off_the_hour_and_by_hand(tmp_path: Path) -> None:
    flow = workflows(tmp_path)["weekly.yml"]
    asked = flow[True]  # YAML 1.1 reads the key "on" so
    crons = [entry["cron"] for entry in asked["schedule"]]

    assert crons == ["23 19 * * 5", "23 18 * * 5", "41 4 * * *"]  # Friday 20:00 in Berlin, in UTC
    assert asked["workflow_dispatch"]["inputs"]["week"]["type"] == "string"
    assert flow["concurrency"] == {"group": "weekly", "cancel-in-progress": False}


@pytest.mark.parametrize(
    ("zone", "publish_at", "crons"),
    [
        ("UTC", "Friday 20:00", ["23 20 * * 5"]),
        ("Asia/Bangkok", "Friday 20:00", ["23 13 * * 5"]),
        ("America/New_York", "Saturday 21:00", ["23 2 * * 0", "23 1 * * 0"]),
        ("Pacific/Auckland", "Monday 06:30", ["53 17 * * 0", "53 18 * * 0"]),
        ("Asia/Kolkata", "Wednesday 07:07", ["7 2 * * 3"]),
    ],
)
def test_the_workflows_clock_follows_the_sites(
    tmp_path: Path, zone: str, publish_at: str, crons: list[str]
) -> None:
    scaffold.init(tmp_path, title="Letter", url="https://letter.example", timezone=zone)
    path = tmp_path / "weeklyai.toml"
    path.write_text(path.read_text().replace("Friday 20:00", publish_at))
    asked = yaml.safe_load(scheduling.github(config.load(tmp_path)))[True]["schedule"]
    assert [entry["cron"] for entry in asked] == [*crons, "41 4 * * *"]


def test_init_and_schedule_write_the_same_workflow(tmp_path: Path) -> None:
    with small_site(tmp_path) as (settings, _):
        written = (tmp_path / ".github" / "workflows" / "weekly.yml").read_text(encoding="utf-8")
        assert scheduling.github(settings) == written


def test_what_is_installed_is_pinned_and_weeklyai_comes_from_the_site_itself(
    tmp_path: Path,
) -> None:
    workflows(tmp_path)
    lines = (tmp_path / ".github" / "requirements.txt").read_text().splitlines()
    named = [line for line in lines if not line.startswith(("#", "--"))]

    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9.]+", line) for line in named[:-1])
    assert any(line.startswith("torch==") for line in named)
    assert re.fullmatch(r"\./\.github/wheels/weeklyai-[0-9.]+-py3-none-any\.whl", named[-1])


# --- the steps themselves -----------------------------------------------------------------------------------------


@dataclass
class Runner:
    """Runs the jobs of weekly.yml as GitHub would, each in a clone of its own.

    Attributes:
        remote: the bare repository.
        folder: for clones, and for what a runner offers.
        clock: the moment that `weeklyai` believes in.
        dies_after: name of a step after which the machine is gone.
        ran: names of the steps that ran.
    """

    remote: Path
    folder: Path
    clock: str = "2024-07-13T00:00:00+00:00"
    dies_after: str = ""
    ran: list[str] = field(default_factory=list)
    count: int = 0

    def dispatch(self, week: str = "") -> bool:
        """Run the workflow; say whether every job that ran was green."""
        self.ran.clear()
        text = git(self.remote, "show", "main:.github/workflows/weekly.yml")
        flow = yaml.safe_load(text)
        known = {"inputs.week": week, "github.ref_name": "main", "github.token": "x"}
        green = self._job(flow, "collect", known)
        known |= {f"needs.collect.{key}": value for key, value in known.items() if key.startswith("outputs.")}  # fmt: skip
        state = known.get("needs.collect.outputs.state", "")
        if green and state == "new":
            green = self._job(flow, "issue", known)
        if green and state in ("new", "proposed"):
            green = self._job(flow, "request", known)
        return green

    def _job(self, flow: Any, name: str, known: dict[str, str]) -> bool:
        self.count += 1
        job, green = flow["jobs"][name], True
        desk = self.folder / str(self.count)
        (desk / "temp").mkdir(parents=True)
        checkout = job["steps"][0]
        branch = _filled(checkout.get("with", {}).get("ref", "main"), known)
        work = clone(self.remote, desk / "work", branch)
        for step in job["steps"]:
            if "run" not in step or NOT_HERE.search(step["run"]):
                continue
            if not green and "cancelled" not in step.get("if", ""):
                continue
            if (
                step.get("if", "") == "steps.due.outputs.state != 'new'"
                and known["outputs.state"] == "new"
            ):
                continue
            environment = {**flow["env"], **job.get("env", {}), **step.get("env", {})}
            values = {key: _filled(value, known) for key, value in environment.items()}
            green = self._step(step["run"], work, desk, values) and green
            self.ran.append(step["name"])
            known |= {f"outputs.{line.partition('=')[0]}": line.partition("=")[2] for line in _lines(desk / "output")}  # fmt: skip
            if step["name"] == self.dies_after:
                return False
        return green

    def _step(self, script: str, work: Path, desk: Path, values: dict[str, str]) -> bool:
        offered = {
            "PATH": f"{self.folder / 'bin'}:/usr/bin:/bin", "HOME": str(desk), "RUNNER_TEMP": str(desk / "temp"),
            "GITHUB_OUTPUT": str(desk / "output"), "GITHUB_STEP_SUMMARY": str(desk / "summary"), "CLOCK": self.clock,
            "OMP_NUM_THREADS": "1", "GH_FOLDER": str(self.folder / "gh"),
        }  # fmt: skip
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=work, env={**offered, **{k: v for k, v in ALONE.items() if "CONFIG" in k}, **values},
            capture_output=True, text=True, check=False, timeout=100,
        )  # fmt: skip
        (desk / "said").write_text(done.stdout + done.stderr)
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode == 0

    def requests(self) -> list[str]:
        """Return the branches for which a pull request was opened."""
        return sorted(path.name.replace("_", "/") for path in (self.folder / "gh").glob("issue_*"))


def _filled(text: str, known: Mapping[str, str]) -> str:
    return re.sub(r"\$\{\{ (.*?) \}\}", lambda found: known[found[1]], text)


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


GH = """#!/bin/bash
set -eu
while [ $# -gt 0 ]; do case "$1" in list|create) verb=$1;; --head) head=$2;; --body-file) body=$2;; --title) title=$2;; esac; shift; done
file="$GH_FOLDER/${head//\\//_}"
if [ "$verb" = list ]; then if [ -e "$file" ]; then echo 1; else echo 0; fi; exit; fi
if [ -e "$GH_FOLDER/forbidden" ]; then echo "GitHub Actions is not permitted to create pull requests" >&2; exit 1; fi
echo "$title" > "$file"; cat "$body" >> "$file"
"""
# The feeds' news is of 2024, so the two commands that ask for the clock are told another one.
WEEKLYAI = f"""#!/bin/bash
case "$1" in due|build) set -- "$@" --now "$CLOCK";; esac
PYTHONPATH={Path(__file__).parent.parent} exec {sys.executable} -m weeklyai "$@"
"""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[tuple[Runner, server.Site]]:
    with small_site(tmp_path / "site") as (settings, feeds):
        make_remote(settings.folder, tmp_path / "remote.git")
        for name, text in (("gh", GH), ("weeklyai", WEEKLYAI)):
            path = tmp_path / "bin" / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
            path.chmod(path.stat().st_mode | stat.S_IXUSR)
        (tmp_path / "gh").mkdir()
        yield Runner(tmp_path / "remote.git", tmp_path), feeds


def branches(runner: Runner) -> set[str]:
    return set(git(runner.remote, "branch", "--format=%(refname:short)").split())


def test_the_first_run_proposes_the_issue_and_the_second_has_nothing_to_do(
    world: tuple[Runner, server.Site],
) -> None:
    runner, _ = world
    assert runner.dispatch(), runner.ran
    assert branches(runner) == {"main", "state", BRANCH}
    assert runner.requests() == [BRANCH]
    text = (runner.folder / "gh" / "issue_2024-W28").read_text()
    assert text.startswith("Issue 2024-W28: The Week in Technology\nMerging this publishes")
    assert "| held-out bits per byte |" in text
    assert "### Takes (" in text
    changed = git(runner.remote, "diff", "--name-only", "main", BRANCH).split()
    assert [name for name in changed if not name.startswith("tags/")] == [
        "_posts/2024-07-12-week-28-2024.md",
        "assets/images/cards/week-28-2024.png",
        "evidence/2024-07-12-week-28-2024.json",
    ]
    tip = git(runner.remote, "rev-parse", BRANCH)

    assert runner.dispatch()
    assert "Fetch, train, draft, publish" not in runner.ran
    assert "Fetch the feeds and keep what they hold" in runner.ran
    assert git(runner.remote, "rev-parse", BRANCH) == tip
    assert git(runner.remote, "rev-list", "--count", "state") == "1"

    git(runner.remote, "update-ref", "refs/heads/main", BRANCH)  # the merge
    assert runner.dispatch()
    assert runner.ran[-1] == "Fetch the feeds and keep what they hold"


@pytest.mark.parametrize(
    "step", ["Fetch, train, draft, publish", "Keep archive and model", "Push the branch"]
)
def test_a_machine_that_dies_between_two_steps_is_made_up_for(
    world: tuple[Runner, server.Site], step: str
) -> None:
    runner, _ = world
    runner.dies_after = step
    assert not runner.dispatch()
    assert runner.requests() == []
    runner.dies_after = ""

    assert runner.dispatch()
    assert runner.requests() == [BRANCH]
    assert branches(runner) >= {"main", BRANCH}


def test_a_request_that_was_not_allowed_is_opened_once_it_is(
    world: tuple[Runner, server.Site],
) -> None:
    runner, _ = world
    (runner.folder / "gh" / "forbidden").touch()
    assert not runner.dispatch()
    (runner.folder / "gh" / "forbidden").unlink()

    assert runner.dispatch()
    assert "Fetch, train, draft, publish" not in runner.ran
    assert runner.requests() == [BRANCH]


def test_a_lost_state_branch_and_a_changed_main_do_no_harm(
    world: tuple[Runner, server.Site],
) -> None:
    runner, _ = world
    runner.clock = "2024-07-10T00:00:00+00:00"
    assert (
        runner.dispatch(week="2024-W26") is False
    )  # a week without news fails, and what was fetched is kept
    assert branches(runner) == {"main", "state"}
    git(runner.remote, "branch", "-D", "state")
    editor = clone(runner.remote, runner.folder / "editor")
    commit_file(editor, "about.md", "changed by the editor")
    runner.clock = "2024-07-13T00:00:00+00:00"

    assert runner.dispatch()
    assert git(runner.remote, "show", f"{BRANCH}:about.md") == "changed by the editor"


@pytest.mark.parametrize("week", ["2024-W28; touch pwned", "$(touch pwned)", "2024-W28\nstate=new", "`id`", "--help"])  # fmt: skip
def test_a_week_from_the_form_never_runs(world: tuple[Runner, server.Site], week: str) -> None:
    runner, _ = world
    assert not runner.dispatch(week=week)
    assert not list(runner.folder.rglob("pwned"))
    assert branches(runner) == {"main"}


def test_an_archive_that_outlives_its_feeds_still_makes_the_missed_week(
    world: tuple[Runner, server.Site],
) -> None:
    runner, _ = world
    runner.clock = "2024-07-05T14:00:00+00:00"  # 2024-W27
    assert runner.dispatch()
    git(runner.remote, "update-ref", "refs/heads/main", "issue/2024-W27")
    git(runner.remote, "update-ref", "refs/heads/issue/2024-W29", "main")
    runner.clock = "2024-07-20T00:00:00+00:00"  # nobody ran in the week between, and the feeds hold nothing any more
    empty = b'{"version": "https://jsonfeed.org/version/1.1", "title": "x", "items": []}'
    editor = clone(runner.remote, runner.folder / "editor")
    with server.serve({"/": server.page(empty)}) as feeds:
        opml.write(editor / "feeds.opml", [Subscription(feeds.url("/"))])
        commit_file(editor, "feeds.opml", (editor / "feeds.opml").read_text())

        assert runner.dispatch()
    assert BRANCH in runner.requests()
