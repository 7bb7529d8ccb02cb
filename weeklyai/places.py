"""Where the files of one week lie, and whether a person has touched them."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from weeklyai import files
from weeklyai.config import Settings
from weeklyai.dates import Week


@dataclass(frozen=True, slots=True)
class Places:
    """Where the files of one week lie."""

    settings: Settings
    week: Week

    @property
    def draft(self) -> Path:
        """The draft that the editor reads and edits."""
        return self.settings.folder / "_drafts" / f"{self.week.slug}.md"

    @property
    def draft_record(self) -> Path:
        """The evidence beside the draft."""
        return self.draft.with_suffix(".json")

    @property
    def post(self) -> Path | None:
        """The published post, or None."""
        return next(
            iter(sorted((self.settings.folder / "_posts").glob(f"*-{self.week.slug}.md"))), None
        )

    def preview(self, post: Path) -> Path:
        """The HTML preview of a post."""
        return self.settings.folder / "preview" / f"{post.stem}.html"

    def record(self, post: Path) -> Path:
        """The evidence of a published post."""
        return self.settings.folder / "evidence" / f"{post.stem}.json"


def was_edited(places: Places) -> bool:
    """Say whether a draft lies there that is not, to the byte, what the machine wrote."""
    if not places.draft.exists():
        return False
    if not places.draft_record.exists():
        return True
    text = places.draft.read_text(encoding="utf-8")
    return bool(sha256(text) != files.read_json(places.draft_record).get("draft_sha256"))


def sha256(text: str) -> str:
    """Return the SHA-256 of `text` in UTF-8, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()
