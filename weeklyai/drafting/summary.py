"""The TL;DR of an article that an editor wrote without one: its own sentences, word for word, that sum it up best."""

from datetime import UTC, datetime

from weeklyai import text
from weeklyai.drafting import extract
from weeklyai.drafting.background import Background
from weeklyai.drafting.writer import NoWriter
from weeklyai.records import Feature, FeedItem, Paragraph

WORDS = 20, 40, 90  # of a TL;DR: the least, what is aimed at, the most


def of(feature: Feature) -> list[str]:
    """Return two or three sentences of a feature's paragraphs, in their order; else how its Introduction begins."""
    paragraphs = [
        "".join(span.text for span in block.text)
        for section in feature.sections
        for block in section.blocks
        if isinstance(block, Paragraph)
    ]
    body = "\n\n".join(paragraphs)
    item = FeedItem("feature", "", "", feature.topic, None, datetime(1970, 1, 1, tzinfo=UTC), True, "", body)  # fmt: skip  # noqa: FBT003
    chosen = extract.choose(item, Background.of([item]), NoWriter(), WORDS, copied=(3, 0))
    return [one.text for one in chosen] if chosen else text.sentences(body)[:2]
