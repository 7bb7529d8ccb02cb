"""git for the site's folder: argument lists, no shell, no prompt, and its complaint as one sentence.

Nothing here touches the working tree, the index or the branch a person has checked out: commits are made from objects.
"""

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from weeklyai.errors import UserError, WeeklyError

_LOGIN = re.compile(r"(?<=://)[^/@\s]+@")  # git may name a remote with its password
_LOST_RACE = ("stale info", "fetch first", "non-fast-forward", "cannot lock ref", "failed to update ref")  # fmt: skip
_NOBODY = {"NAME": "weeklyai", "EMAIL": "weeklyai@localhost"}  # signs where git knows no one
_SIGNERS = ("AUTHOR", "COMMITTER")


@dataclass(frozen=True, slots=True)
class Repository:
    """The repository that holds the site.

    Attributes:
        folder: the site's folder, at the repository's top or below it.
        remote: the remote's name or address.
    """

    folder: Path
    remote: str = "origin"

    def run(self, *words: str, data: bytes = b"", **environment: str) -> str:
        """Run git and return what it prints.

        Args:
            words: its arguments.
            data: what it reads.
            environment: variables for this call, GIT_INDEX_FILE for one.

        Raises:
            WeeklyError: git is missing or fails.
        """
        done = self._start(words, data, environment)
        if done.returncode:
            raise self._failure(words, done)
        return done.stdout.decode("utf-8", "surrogateescape")

    def top(self) -> Path:
        """Return the repository's top folder.

        Raises:
            UserError: the site lies in no repository.
        """
        done = self._start(("rev-parse", "--show-toplevel"))
        if done.returncode:
            raise UserError(
                f"{self.folder} lies in no git repository: run 'git init' there and add a remote"
            )
        return Path(os.fsdecode(done.stdout).rstrip("\n"))

    def tip(self, branch: str) -> str:
        """Return the commit of `branch` on the remote, or "" where there is none."""
        ref = f"refs/heads/{branch}"
        listed = self.run("ls-remote", "--", self.remote, ref).split("\n")
        return next((line.split("\t")[0] for line in listed if line.endswith(f"\t{ref}")), "")

    def fetch(self, branch: str) -> str:
        """Bring the remote's `branch` here and return its commit; no ref but our own is changed."""
        own = f"refs/weeklyai/{branch}"
        self.run("fetch", "--quiet", "--no-tags", "--", self.remote, f"+refs/heads/{branch}:{own}")
        return self.run("rev-parse", "--verify", own).strip()

    def push(self, commit: str, branch: str, expected: str) -> bool:
        """Push `commit` as `branch`, if the remote's still is `expected` ("": not there); say whether it was.

        Raises:
            WeeklyError: the remote refuses for another reason, or cannot be reached.
        """
        ref = f"refs/heads/{branch}"
        lease = f"--force-with-lease={ref}:{expected}"
        words = ("push", "--quiet", "--porcelain", lease, "--", self.remote, f"{commit}:{ref}")
        done = self._start(words)
        said = (done.stdout + done.stderr).decode("utf-8", "replace")
        if done.returncode and not any(reason in said for reason in _LOST_RACE):
            raise self._failure(words, done)
        return done.returncode == 0

    def commit(self, tree: str, message: str, parent: str = "") -> str:
        """Return a new commit of `tree` with `parent`, or without any; no branch moves."""
        known = self._start(("config", "user.email")).stdout.strip()
        names = {} if known else {f"GIT_{who}_{key}": value for who in _SIGNERS for key, value in _NOBODY.items()}  # fmt: skip
        words = ("commit-tree", tree, *(("-p", parent) if parent else ()))
        return self.run(*words, data=message.encode(), **{**names, **_given(names)}).strip()

    def copy_blob(self, name: str, target: Path) -> None:
        """Write the object `name` ("COMMIT:path") to the file `target`."""
        words = ("cat-file", "blob", name)
        with target.open("wb") as file:
            done = self._start(words, output=file)
        if done.returncode:
            raise self._failure(words, done)

    def _start(
        self,
        words: tuple[str, ...],
        data: bytes = b"",
        environment: Mapping[str, str] | None = None,
        output: int | BinaryIO = subprocess.PIPE,
    ) -> subprocess.CompletedProcess[bytes]:
        try:
            return subprocess.run(  # noqa: S603 -- an argument list of our own
                ["git", "-C", str(self.folder), *words],  # noqa: S607 -- wherever git is installed
                input=data,
                stdout=output,
                stderr=subprocess.PIPE,
                env={
                    **os.environ,
                    **(environment or {}),
                    "GIT_TERMINAL_PROMPT": "0",
                    "LC_ALL": "C",
                },
                check=False,
            )
        except FileNotFoundError:
            raise WeeklyError("git is not installed, or not on the PATH") from None

    def _failure(
        self, words: tuple[str, ...], done: subprocess.CompletedProcess[bytes]
    ) -> WeeklyError:
        lines = (done.stderr or done.stdout or b"").decode("utf-8", "replace").split("\n")
        telling = [line for line in lines if re.match(r"fatal|error|remote:|!", line)] or lines
        said = _LOGIN.sub("", " ".join(line.strip() for line in telling[:3] if line.strip()))
        return WeeklyError(f"git {words[0]} in {self.folder} failed: {said or done.returncode}")


def _given(names: Mapping[str, str]) -> dict[str, str]:
    """Return those of `names` that the environment sets already: they win."""
    return {name: os.environ[name] for name in names if os.environ.get(name)}
