"""Promises of the atomic writes."""

from pathlib import Path

import pytest

from weeklyai import files


def test_a_failed_write_leaves_the_old_file_and_no_rubbish(tmp_path: Path) -> None:
    path = tmp_path / "post.md"
    files.write_text(path, "good")

    def fill_the_disk() -> None:
        with files.replacing(path) as new:
            new.write_text("half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        fill_the_disk()

    assert path.read_text() == "good"
    assert list(tmp_path.iterdir()) == [path]


def test_json_keeps_what_people_wrote(tmp_path: Path) -> None:
    files.write_json(tmp_path / "deep" / "x.json", {"é": [1, "🚀"]})

    assert "🚀" in (tmp_path / "deep" / "x.json").read_text(encoding="utf-8")
    assert files.read_json(tmp_path / "deep" / "x.json") == {"é": [1, "🚀"]}
