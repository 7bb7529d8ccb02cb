"""One issue's blurbs, top to bottom: stories, sentences, rewrites, gates, and a last look at each whole blurb."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from weeklyai import config
from weeklyai.drafting import checks, extract, free, heads, reports, rewrite, select
from weeklyai.drafting.composing import Composer, hanging_in
from weeklyai.drafting.extract import Background, Candidate
from weeklyai.drafting.shortening import copied, judged, published
from weeklyai.drafting.writer import NoWriter, Writer
from weeklyai.records import Blurb, FeedItem, Sentence, Story

NUM_SAMPLES = 4  # rewrites the GPT may try for each sentence
MOST = 12  # combinations of an item's sentences that get the last look
MAX_REPEATS = 3  # 3-grams that a blurb may hold twice; long product names alone bring one or two


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
    short: list[tuple[Story, Blurb]] = []
    stories = select.rank(items, wishes)
    for story in stories:
        if len(drafted.blurbs) == post.max_stories:
            drafted.passed_over.append((story, "enough stories"))
            continue
        full = f"enough stories from {story.lead.source}"
        if taken[story.lead.source] >= post.max_per_source:
            drafted.passed_over.append((story, full))
            continue
        on_story(story)
        blurb, reason = draft_story(story, background, writer, post, drafted.counts)
        source = blurb.story.lead.source if blurb else ""
        if taken[source] >= post.max_per_source:
            blurb, reason = None, f"enough stories from {source}"
        if blurb and _is_short(blurb, post):
            short.append((story, blurb))
        elif blurb:
            drafted.blurbs.append(blurb)
            taken[blurb.story.lead.source] += 1
        else:
            drafted.held.append((story.lead.title, reason))
            drafted.passed_over.append((story, reason))
    _fill_up(drafted, short, taken, post)
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


def _is_short(blurb: Blurb, post: config.Post) -> bool:
    """Say whether a blurb is of one sentence or below the length that is aimed at."""
    return len(blurb.sentences) < 2 or len(blurb.text.split()) < post.aim_words


def _fill_up(
    drafted: Drafted,
    short: Sequence[tuple[Story, Blurb]],
    taken: Counter[str],
    post: config.Post,
) -> None:
    """Take short blurbs, best first, only where an issue would lack stories without them; hold the others back."""
    for story, blurb in short:
        source = blurb.story.lead.source
        if len(drafted.blurbs) < post.min_stories and taken[source] < post.max_per_source:
            drafted.blurbs.append(blurb)
            taken[source] += 1
        else:
            words = len(blurb.text.split())
            reason = f"its clean sentences make {words} words in {len(blurb.sentences)}, below {post.aim_words} in two"
            drafted.held.append((story.lead.title, reason))
            drafted.passed_over.append((story, reason))
    drafted.blurbs.sort(key=lambda one: (-one.story.score, one.story.lead.id))


def draft_story(
    story: Story,
    background: Background,
    writer: Writer,
    post: config.Post,
    counts: Counter[str],
) -> tuple[Blurb | None, str]:
    """Return the blurb of a story, from the first of its items that carries one, or None and why not."""
    composer = Composer(background, writer, post)
    reason = ""
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
        for chosen in combinations[:MOST]:
            blurb, wrong = _of(story, item, chosen, writer, post, counts)
            if blurb:
                return _with_another(blurb, background, post, counts), ""
            reason = reason or wrong
    return None, reason


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


def final_look(blurb: Blurb, post: config.Post) -> str:
    """Return what is wrong with a whole blurb, or "": the belt to the gates' braces.

    Every gate is measured again from the published text and the item alone, whatever was measured on the way here.
    """
    item = blurb.story.lead
    if not post.min_words <= len(blurb.text.split()) <= post.max_words:
        return "too short or too long"
    wrong = next(filter(None, _sentence_faults(blurb)), "")
    if wrong:
        return wrong
    phrase = hanging_in([one for one in blurb.sentences if one.item_id == item.id], item)
    if phrase:
        return f"a sentence leans on one that is not there: {phrase}"
    # Links between sentences (repeats, names) only show in the whole; headlines and publishers' names belong to the sources.
    known = [f"{item.title}. {item.text}", *(f"{one.source}. {one.title}. {one.text}" for one in blurb.others)]  # fmt: skip
    strange = checks.unsupported(blurb.text, "\n\n".join(known))
    if strange:
        return f"not in the source: {', '.join(strange)}"
    return "says something twice" if checks.repeats(blurb.text) > MAX_REPEATS else ""


def _sentence_faults(blurb: Blurb) -> Iterator[str]:
    """Yield what is wrong between each sentence and its source, and its place among the others; "" where nothing is."""
    items = {one.id: one for one in (blurb.story.lead, *blurb.others)}
    for n, sentence in enumerate(blurb.sentences):
        item = items.get(sentence.item_id)
        yield _evidence_fault(sentence, item) if item else "a source sentence is not in its source"
        if n and _out_of_order(blurb.sentences[n - 1], sentence):
            yield "its sentences stand in another order than in the source"


def _out_of_order(before: Sentence, after: Sentence) -> bool:
    """Say whether two neighbours of one report stand in it the other way round, or a report's own sentence has no name on it."""
    if before.item_id != after.item_id:
        return after.kind != "attributed"
    return before.source_index >= after.source_index


def _evidence_fault(sentence: Sentence, item: FeedItem) -> str:
    """Return what is wrong between one published sentence and its evidence, or ""."""
    if sentence.item_id != item.id or not heads.verbatim(sentence.source_text, item):
        return "a source sentence is not in its source"
    if sentence.kind == "copied":
        same = sentence.text == sentence.source_text
        return "" if same else "a copied sentence is not in its source"
    if sentence.kind == "written":
        failed = free.check(sentence.text, sentence, item).failed
        return f"gates not passed: {', '.join(failed)}" if failed else ""
    if sentence.kind == "attributed":
        same = sentence.text == reports.attributed(sentence.source_text, item)
        return (
            "" if same else "an attributed sentence is not its source behind its publisher's name"
        )
    if sentence.text not in {form.text for form in rewrite.forms(sentence.source_text, item.title)}:
        return "a rewritten sentence is not its source with parts left out"
    verdict = judged(sentence.text, sentence.source_text, sentence.source_index, item)
    return "" if verdict.passed else f"gates not passed: {', '.join(verdict.failed)}"
