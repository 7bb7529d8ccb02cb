"""The site that `weeklyai init` makes, whole, in golden/site/: a changed template shows as a change there.

Run: python -m tests.publish.golden. It writes the folder anew; `git diff` then shows what a new site would get.
"""

import shutil
import tempfile
from pathlib import Path

from weeklyai.publish import scaffold

FOLDER = Path(__file__).parent / "golden" / "site"
COMMAND = "python -m tests.publish.golden"


def made() -> dict[str, bytes]:
    """Return the files of a new site, by path."""
    with tempfile.TemporaryDirectory() as folder:
        scaffold.init(
            Path(folder),
            title="The Golden Letter",
            url="https://user.github.io/letter",
            timezone="Asia/Bangkok",
        )
        return _files(Path(folder))


def kept() -> dict[str, bytes]:
    """Return the golden files, by path."""
    return _files(FOLDER)


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        # Its versions are those of this machine, and change without any template having changed.
        if path.is_file() and path.name != "requirements.txt"
    }


def main() -> None:
    """Write the golden files anew."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    for name, data in made().items():
        path = FOLDER / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


if __name__ == "__main__":
    main()
