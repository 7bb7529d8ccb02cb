"""Real git for tests: a bare repository as the remote, and clones of it as the machines that forget."""

import os
import subprocess
from pathlib import Path

# Whoever runs the tests has a configuration of their own, which must not show.
ALONE = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_AUTHOR_NAME": "Ada Example",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada Example",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
}


def git(folder: Path, *words: str) -> str:
    """Run git in `folder` and return what it prints."""
    done = subprocess.run(
        ["git", "-C", str(folder), *words], capture_output=True, text=True, check=False, env={**os.environ, **ALONE}
    )  # fmt: skip
    assert done.returncode == 0, f"git {words}: {done.stderr}"
    return done.stdout.strip()


def make_remote(site: Path, remote: Path) -> None:
    """Commit the whole of `site` to its branch main and push it to a new bare repository."""
    git(site, "init", "--quiet", "--initial-branch=main")
    git(site, "add", "--all")
    git(site, "commit", "--quiet", "--message", "A site")
    remote.mkdir()
    git(remote, "init", "--quiet", "--bare", "--initial-branch=main")
    git(site, "remote", "add", "origin", str(remote))
    git(site, "push", "--quiet", "origin", "main")


def clone(remote: Path, folder: Path, branch: str = "main") -> Path:
    """Return a new shallow clone, as a runner makes one."""
    words = ("clone", "--quiet", "--depth=1", f"--branch={branch}", f"file://{remote}", str(folder))
    git(remote, *words)
    return folder


def commit_file(folder: Path, name: str, text: str) -> None:
    """Commit one file and push it to main: somebody else at work."""
    (folder / name).write_text(text, encoding="utf-8")
    git(folder, "add", name)
    git(folder, "commit", "--quiet", "--message", f"Change {name}")
    git(folder, "push", "--quiet", "origin", "HEAD:main")
