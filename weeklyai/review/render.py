"""The page's parts as HTML. Jinja2 escapes every value; nothing here marks one as safe, so feed text stays text."""

from typing import Any

import jinja2

from weeklyai.records import Bullets, Inline, Numbers, Paragraph, Subheading
from weeklyai.review.desk import Choice, Evidence, Finding, Reject, Sheet
from weeklyai.text import shorten

KINDS = {"desk": "desk", "approved": "approved", "waiting": "waits for approval"}


class Pages:
    """The templates in `weeklyai/review/pages/`, filled."""

    def __init__(self) -> None:
        self.view = jinja2.Environment(
            loader=jinja2.PackageLoader("weeklyai.review", "pages"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        kinds = {"paragraph": Paragraph, "bullets": Bullets, "numbers": Numbers, "subheading": Subheading}  # fmt: skip
        for name, kind in kinds.items():
            self.view.tests[name] = lambda value, kind=kind: isinstance(value, kind)
        self.view.filters |= {"pieces": pieces, "words": _words, "short": shorten, "figure": figure}
        self.view.globals["signatures"] = KINDS

    def whole(self, sheet: Sheet, name: str) -> str:
        """Return the page as it is first loaded."""
        return self._fill("page", sheet=sheet, name=name)

    def parts(self, sheet: Sheet, shown: Evidence | None, name: str) -> dict[str, Any]:
        """Return what changes on the page, by the id of its element, and the values that its script needs."""
        return {
            "version": sheet.version,
            "title": sheet.title,
            "undo": sheet.undo,
            "topic": sheet.issue.topic if sheet.issue else "",
            "description": sheet.issue.description if sheet.issue else "",
            "tldr": sheet.tldr,
            "feature": sheet.feature,
            "team": sheet.team,
            "jots": dict(sheet.jots),
            "open": bool(sheet.issue),
            "elements": {
                "notices": self._fill("notices", sheet=sheet),
                "list": self._fill("stories", sheet=sheet),
                "sheet": self._fill("post", sheet=sheet, name=name),
                "left": self._fill("points", sheet=sheet),
            }
            | ({"evidence": self.evidence(shown)} if shown else {}),
        }

    def evidence(self, shown: Evidence) -> str:
        """Return the evidence of one story."""
        return self._fill("evidence", shown=shown)

    def findings(self, found: tuple[Finding, ...], text: str, key: str) -> str:
        """Return the text being typed with its doubts underlined, and their reasons."""
        return self._fill("findings", found=found, text=text, key=key)

    def choices(self, found: tuple[Choice, ...], key: str) -> str:
        """Return the other takes on a story."""
        return self._fill("choices", found=found, key=key)

    def rejects(self, found: tuple[Reject, ...]) -> str:
        """Return the stories that were not chosen."""
        return self._fill("rejects", found=found)

    def _fill(self, template: str, /, **values: Any) -> str:
        return self.view.get_template(f"{template}.html.j2").render(**values)


def pieces(text: str, found: tuple[Finding, ...]) -> list[tuple[str, Finding | None]]:
    """Return `text` cut at its findings: plain pieces with None, the others with what was found."""
    cut: list[tuple[str, Finding | None]] = []
    end = 0
    for one in found:
        if one.start >= end:
            cut += [(text[end : one.start], None), (text[one.start : one.end], one)]
            end = one.end
    return [*cut, (text[end:], None)]


def _words(inline: Inline) -> str:
    return "".join(span.text for span in inline)


def figure(value: float) -> str:
    """Return a gate's value without needless zeros."""
    return f"{value:g}"
