"""One issue's blurbs, top to bottom: stories, sentences, rewrites, gates, and a last look at each whole blurb."""

import itertools
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from weeklyai import config
from weeklyai.drafting import extract, free, kinds, reports, rewrite, scope, select
from weeklyai.drafting.composing import Composer
from weeklyai.drafting.extract import Background, Candidate
from weeklyai.drafting.final import final_look
from weeklyai.drafting.shortening import copied, published
from weeklyai.drafting.telling import Telling
from weeklyai.drafting.writer import NoWriter, Writer
from weeklyai.records import Blurb, FeedItem, Story

NUM_SAMPLES = 4  # rewrites the GPT may try for each sentence
TRIES = 3  # blurbs of one item that are looked at for one that is not weak
_VERSION = re.compile(
    r"(?<![\w$€£.])\d+\.\d[\w.]*\b(?!%| ?(?:billion|million|bn|m)\b)"
)  # "3.4.3", no amount
MOST = 12  # combinations of an item's sentences that get the last look


@dataclass(slots=True)
class Drafted:
    """The blurbs of an issue, what was held back, and what the model changed.

    Attributes:
        blurbs: in the issue's order.
        held: headline and reason of each story that could not be drafted.
        passed_over: each story of the week that was not taken, best first, with the reason.
        unusable: items that could not become a story, each with the reason.
        counts: "rule forms", "sampled", "sampled, allowed", "refused by GATE", "choices by the model", ...
    """

    blurbs: list[Blurb] = field(default_factory=list)
    held: list[tuple[str, str]] = field(default_factory=list)
    passed_over: list[tuple[Story, str]] = field(default_factory=list)
    unusable: list[tuple[FeedItem, str]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def publishers(self) -> set[str]:
        """The publishers that the takes link to."""
        return {one.source for blurb in self.blurbs for one in (blurb.story.lead, *blurb.others)}

    def facts(self) -> dict[str, Any]:
        """Return the figures for the build's table; it says plainly where the model changed nothing."""
        kinds = Counter(sentence.kind for blurb in self.blurbs for sentence in blurb.sentences)
        total = max(1, kinds.total())
        count = self.counts
        refused = {
            name.removeprefix("refused by "): n
            for name, n in count.items()
            if n and name.startswith("refused by ")
        }
        return {
            "stories": len(self.blurbs),
            "publishers linked": len(self.publishers),
            "held back": len(self.held),
            "sentences": kinds.total(),
            "copied / rewritten": f"{kinds['copied'] / total:.0%} / {(kinds['rewritten'] + kinds['written']) / total:.0%}",
            "takes drawn from two reports": sum(bool(blurb.others) for blurb in self.blurbs),
            "sentences chosen otherwise by the GPT": _or_nothing(count["choices by the model"]),
            "shorter forms offered / taken": f"{count['rule forms']} / {kinds['rewritten']}",
            "free rewrites by the GPT sampled / allowed": f"{count['sampled']} / {count['sampled, allowed'] or 'none'}",
            "forms refused, by gate": ", ".join(
                f"{name} {n}" for name, n in sorted(refused.items())
            )
            or "none",
        }


def _or_nothing(number: int) -> str:
    return str(number) if number else "none: the GPT changed nothing here"


def draft_issue(  # noqa: PLR0913 -- each is a setting of its own
    items: Sequence[FeedItem],
    background: Background,
    writer: Writer,
    post: config.Post,
    seed: int,
    on_story: Callable[[Story], None] = lambda _: None,
    *,
    free_writer: bool = False,
) -> Drafted:
    """Return the blurbs of the week's best stories, at most `post.max_stories`.

    The same items, writer and seed give the same blurbs, whatever the order of `items`. With `free_writer` a sentence that
    the writer samples stands in for its source sentence where it passes every gate of `free`.
    """
    drafted = Drafted()
    wishes = select.Wishes.of(post)
    taken: Counter[str] = Counter()
    weak: list[tuple[Story, Blurb, str]] = []
    stories = select.rank(items, wishes)
    news = Telling.of(writer, [story.lead for story in stories])
    for story in stories:
        if len(drafted.blurbs) == post.max_stories:
            drafted.passed_over.append((story, "enough stories"))
            continue
        full = f"enough stories from {story.lead.source}"
        if taken[story.lead.source] >= post.max_per_source:
            drafted.passed_over.append((story, full))
            continue
        on_story(story)
        blurb, reason = draft_story(story, background, writer, post, drafted.counts, news)
        source = blurb.story.lead.source if blurb else ""
        if taken[source] >= post.max_per_source:
            blurb, reason = None, f"enough stories from {source}"
        weakness = _weakness(blurb, post, news) if blurb else ""
        if blurb and weakness:
            weak.append((story, blurb, weakness))
        elif blurb:
            drafted.blurbs.append(blurb)
            taken[blurb.story.lead.source] += 1
        else:
            drafted.held.append((story.lead.title, reason))
            drafted.passed_over.append((story, reason))
    _fill_up(drafted, weak, taken, post)
    drafted.unusable = select.rejected(items, wishes, stories)
    found = samples(drafted.blurbs, writer, seed)
    if free_writer:
        drafted.blurbs = [
            freely(blurb, own, writer, post, drafted.counts)
            for blurb, own in zip(drafted.blurbs, found, strict=True)
        ]
    else:
        _count(drafted, found)
    return drafted


def samples(blurbs: Sequence[Blurb], writer: Writer, seed: int) -> list[list[list[str]]]:
    """Return for each blurb, for each of its sentences, what the writer samples; all at once, which is much faster."""
    wanted = [
        (blurb.story.lead.title, one.source_text, seed + one.source_index)
        for blurb in blurbs
        for one in blurb.sentences
    ]
    found = iter(writer.rewrites(wanted, NUM_SAMPLES))
    return [[next(found) for _ in blurb.sentences] for blurb in blurbs]


def freely(
    blurb: Blurb,
    found: Sequence[Sequence[str]],
    writer: Writer,
    post: config.Post,
    counts: Counter[str],
) -> Blurb:
    """Return the blurb with the samples `found` that pass in place of its sentences, or as it is where the whole fails."""
    written = free.write(blurb.story.lead, blurb.sentences, found, writer)
    counts.update(written.counts)
    changed = replace(blurb, sentences=written.sentences)
    return blurb if final_look(changed, post) else changed


def _count(drafted: Drafted, found: Sequence[Sequence[Sequence[str]]]) -> None:
    """Count what the rules would have allowed of samples.

    An allowed rewrite is one of the shorter forms, which were judged already, so no text waits for this.
    """
    counts = drafted.counts
    for blurb, of_blurb in zip(drafted.blurbs, found, strict=True):
        for sentence, own in zip(blurb.sentences, of_blurb, strict=True):
            forms = rewrite.forms(sentence.source_text, blurb.story.lead.title)
            allowed = sum(one in {form.text for form in forms} for one in own)
            counts["sampled"] += len(own)
            counts["sampled, allowed"] += allowed
            counts["refused by not a deletion by rule"] += len(own) - allowed


def _weakness(blurb: Blurb, post: config.Post, news: Telling) -> str:
    """Return why a blurb is published only where an issue lacks stories, or "": one sentence, few words, or not the news."""
    words = len(blurb.text.split())
    if len(blurb.sentences) < 2 or words < post.aim_words:
        return f"its clean sentences make {words} words in {len(blurb.sentences)}, below {post.aim_words} in two"
    return _beside_the_news(blurb, news)


def _beside_the_news(blurb: Blurb, news: Telling | None) -> str:
    """Return why a blurb is background and not what its headline promises, or ""."""
    lead = blurb.story.lead
    if kinds.is_paper(lead) and not any(
        scope.of_paper(one.text, lead.title) for one in blurb.sentences
    ):
        return "its clean sentences do not tell what the paper does"
    versions = set(_VERSION.findall(lead.title))
    if versions and not versions & set(_VERSION.findall(blurb.text)):
        return f"its clean sentences do not speak of {min(versions)}"
    if news and news.weak(blurb):
        return "the model does not find the headline’s news in a clean opening"
    return ""


def _fill_up(
    drafted: Drafted,
    weak: Sequence[tuple[Story, Blurb, str]],
    taken: Counter[str],
    post: config.Post,
) -> None:
    """Take weak blurbs, best first, only where an issue would lack stories without them; hold the others back."""
    for story, blurb, reason in weak:
        source = blurb.story.lead.source
        if len(drafted.blurbs) < post.min_stories and taken[source] < post.max_per_source:
            drafted.blurbs.append(blurb)
            taken[source] += 1
        else:
            drafted.held.append((story.lead.title, reason))
            drafted.passed_over.append((story, reason))
    drafted.blurbs.sort(key=lambda one: (-one.story.score, one.story.lead.id))


def draft_story(
    story: Story,
    background: Background,
    writer: Writer,
    post: config.Post,
    counts: Counter[str],
    news: Telling | None = None,
) -> tuple[Blurb | None, str]:
    """Return the blurb of a story, from the first of its items that carries one, or None and why not.

    Where `news` can judge, combinations that tell the headline's news come before the others, and a weak blurb only where
    neither the next combinations nor another report make a better one.
    """
    composer = Composer(background, writer, post)
    reason = ""
    weak: list[Blurb] = []
    for item in (story.lead, *story.others):
        combinations = composer.combinations(item)
        if not combinations:
            reason = reason or _why_none(item, post)
            continue
        if writer.model_id:
            plain = Composer(background, NoWriter(), post).combinations(item)[:1]
            counts["choices by the model"] += len(
                {one.text for one in combinations[0]} - {one.text for c in plain for one in c}
            )
        made = 0
        for chosen in _telling(combinations[:MOST], item, news):
            blurb, wrong = _of(story, item, chosen, writer, post, counts)
            if blurb and not _beside_the_news(blurb, news):
                return _with_another(blurb, background, post, counts), ""
            weak += [blurb] if blurb else []
            made += blurb is not None
            if made == TRIES:
                break
            reason = reason or wrong
    return (_with_another(weak[0], background, post, counts), "") if weak else (None, reason)


def _telling(
    combinations: Sequence[tuple[Candidate, ...]], item: FeedItem, news: Telling | None
) -> Sequence[tuple[Candidate, ...]]:
    """Return the combinations of an item's sentences in their order, those first that open with the headline's news."""
    if not news:
        return combinations
    told = news.tells(item.title, [c[0].text for c in combinations])
    return [c for wanted in (True, False) for c, tells in zip(combinations, told, strict=True) if tells is wanted]  # fmt: skip


def _with_another(
    blurb: Blurb, background: Background, post: config.Post, counts: Counter[str]
) -> Blurb:
    """Return `blurb` with a sentence of another report of its story, where one adds something and passes the last look."""
    longer = itertools.islice(reports.more(blurb, background, post.max_words), MOST)
    found = next((one for one in longer if not final_look(one, post)), blurb)
    counts["drawn from two reports"] += found is not blurb
    return found


def _why_none(item: FeedItem, post: config.Post) -> str:
    """Return why no combination of an item's sentences may be published, for people."""
    why = extract.why_none(item, (post.min_words, post.aim_words, post.max_words))
    clean = why.startswith("its clean sentences")
    return "no sentences that hold together make a blurb" if clean else why


def _of(
    story: Story,
    item: FeedItem,
    chosen: Sequence[Candidate],
    writer: Writer,
    post: config.Post,
    counts: Counter[str],
) -> tuple[Blurb | None, str]:
    """Return the blurb of these sentences, shortened where it stays sound, or None and why not."""
    rest = tuple(other for other in (story.lead, *story.others) if other is not item)
    led = Story(item, rest, story.score, story.reasons)
    copies = tuple(copied(one, item) for one in chosen)
    shorter = published(chosen, item, writer, post.aim_words, counts)
    reason = ""
    for version in (shorter, copies):
        blurb = Blurb(led, version)
        reason = final_look(blurb, post)
        if not reason:
            return blurb, ""
        counts["held at the final look"] += 1
    return None, reason
