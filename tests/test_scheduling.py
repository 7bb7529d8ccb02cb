"""Promises of `weeklyai schedule`: what it prints is what systemd and cron read, whatever the folder is called."""

import configparser
import shlex
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from weeklyai import config, scheduling
from weeklyai.config import Settings
from weeklyai.errors import UserError
from weeklyai.publish import scaffold

HARD = 'It\'s 100% "mine" $HOME; rm -rf'


def site(folder: Path, zone: str = "Asia/Bangkok") -> Settings:
    scaffold.init(folder, title="Letter", url="https://letter.example", timezone=zone, feeds=False)
    return config.load(folder)


def units(text: str) -> dict[str, str]:
    """Return the parts of the output by the file's name that stands above each."""
    parts = text.split("# --- ")[1:]
    return {
        part.split("\n")[0].split("/")[-1]: part.split("\n", 1)[1].split("\n# To install")[0]
        for part in parts
    }


def read(text: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    return parser


def test_the_timer_keeps_the_sites_own_zone_and_makes_up_for_lost_runs(tmp_path: Path) -> None:
    found = units(scheduling.systemd(site(tmp_path / "My Letter"), "ada"))
    timer = found["weeklyai-my-letter.timer"]

    assert set(found) == {"weeklyai-my-letter.service", "weeklyai-my-letter.timer"}
    assert "OnCalendar=Fri *-*-* 20:00:00 Asia/Bangkok\n" in timer
    assert "OnCalendar=*-*-* 05:41:00 Asia/Bangkok\n" in timer
    assert read(timer)["Timer"]["Persistent"] == "true"
    assert "RandomizedDelaySec" in read(timer)["Timer"]


def test_the_service_may_write_into_the_site_alone(tmp_path: Path) -> None:
    service = units(scheduling.systemd(site(tmp_path), "ada"))
    (text,) = (part for name, part in service.items() if name.endswith(".service"))
    values = read(text)["Service"]

    assert values["User"] == "ada"
    assert values["ReadWritePaths"] == f'"{tmp_path}"'
    assert values["ProtectSystem"] == "strict"
    assert values["NoNewPrivileges"] == "yes"
    assert f'ExecStart="{sys.executable}" "-m" "weeklyai" "--site" "{tmp_path}" build\n' in text


def test_systemd_itself_finds_no_fault_in_any_folders_units(tmp_path: Path) -> None:
    for folder in (tmp_path / "plain", tmp_path / HARD):
        found = units(scheduling.systemd(site(folder), "root"))
        for name, text in found.items():
            (tmp_path / name).write_text(text)
        if shutil.which("systemd-analyze"):
            done = subprocess.run(
                ["systemd-analyze", "verify", *(str(tmp_path / name) for name in found)],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            ours = [line for line in done.stderr.splitlines() if "weeklyai-" in line]
            assert not ours, ours
    hard = read(next(text for name, text in found.items() if name.endswith("service")))["Service"]
    assert hard["WorkingDirectory"] == str(tmp_path / HARD).replace("%", "%%")
    assert "$$HOME" in hard["ExecStart"]


@pytest.mark.parametrize(
    ("hours", "line"), [(0, "0 13 * * 5"), (7, "0 20 * * 5"), (-8, "0 5 * * 5"), (12, "0 1 * * 6")]
)
def test_the_crontab_reckons_in_the_machines_zone(tmp_path: Path, hours: int, line: str) -> None:
    now = datetime(2024, 7, 13, tzinfo=UTC).astimezone(timezone(timedelta(hours=hours)))
    lines = [one for one in scheduling.cron(site(tmp_path), now).splitlines() if one[0] != "#"]

    assert lines[0].startswith(f"{line}  mkdir")
    assert lines[1].startswith("41 5 * * *  mkdir")


def test_the_crontabs_command_runs_in_any_folder(tmp_path: Path) -> None:
    folder = tmp_path / HARD
    text = scheduling.cron(site(folder), datetime(2024, 7, 13, tzinfo=UTC))
    line = text.splitlines()[-1].split("  ", 1)[1]
    assert "%" not in line.replace("\\%", "")
    command = line.replace("\\%", "%")  # as cron hands it to the shell
    words = shlex.split(command)
    done = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, check=False, timeout=60
    )

    assert words[:3] == ["mkdir", "-p", str(folder / ".weeklyai")]
    assert done.stderr == ""
    log = (folder / ".weeklyai" / "cron.log").read_text()
    assert log.count("lists no feeds") == 2  # fetch and build both ran, in the right folder


def test_a_folder_that_no_timer_can_name_is_refused(tmp_path: Path) -> None:
    settings = site(tmp_path / "a\nb")
    with pytest.raises(UserError, match="control characters"):
        scheduling.systemd(settings, "ada")
    with pytest.raises(UserError, match="control characters"):
        scheduling.cron(settings, datetime(2024, 7, 13, tzinfo=UTC))
