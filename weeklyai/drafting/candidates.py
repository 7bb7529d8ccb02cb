"""Other takes on one story, for an editor to choose from: other sentences of its source, or another report of it.

Every take has passed the same last look as a drafted one, so choosing never lowers the standard; where nothing more passes,
nothing more is offered.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from weeklyai import config
from weeklyai.drafting.background import Background
from weeklyai.drafting.composing import Composer
from weeklyai.drafting.final import final_look
from weeklyai.drafting.shortening import copied
from weeklyai.drafting.writer import Writer
from weeklyai.records import Blurb, FeedItem, Story

MOST = 40  # combinations of one item that get the last look


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes takes: what all of them need to know."""

    background: Background
    writer: Writer
    post: config.Post

    def takes(self, story: Story, most: int) -> list[Blurb]:
        """Return at most `most` takes on `story`, each report's best first, then each report's second, and so on."""
        reports = [self._of_item(story, item) for item in (story.lead, *story.others)]
        rounds = itertools.zip_longest(*reports)
        found: dict[str, Blurb] = {}
        for blurb in itertools.chain.from_iterable(rounds):
            if blurb is not None:
                found.setdefault(blurb.text, blurb)
            if len(found) == most:
                break
        return list(found.values())

    def _of_item(self, story: Story, item: FeedItem) -> Iterator[Blurb]:
        """Yield the takes that one item carries, best first."""
        rest = tuple(one for one in (story.lead, *story.others) if one is not item)
        led = Story(item, rest, story.score, story.reasons)
        composer = Composer(self.background, self.writer, self.post)
        combinations = composer.combinations(item) if item.url else []
        for combination in combinations[:MOST]:
            blurb = Blurb(led, tuple(copied(one, item) for one in combination))
            if not final_look(blurb, self.post):
                yield blurb
