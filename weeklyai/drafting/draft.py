"""One issue's blurbs, top to bottom: stories, sentences, rewrites, gates, and a last look at each whole blurb."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from weeklyai import config, text
from weeklyai.drafting import checks, extract, rewrite, select
from weeklyai.drafting.extract import Background, Candidate
from weeklyai.drafting.writer import NoWriter, Writer
from weeklyai.records import Blurb, FeedItem, Sentence, Story

NUM_SAMPLES = 4  # rewrites the GPT may try for each sentence
MAX_REPEATS = 3  # 3-grams that a blurb may hold twice; long product names alone bring one or two


@dataclass(slots=True)
class Drafted:
    """The blurbs of an issue, what was held back, and what the model changed.

    Attributes:
        blurbs: in the issue's order.
        held: headline and reason of each story that could not be drafted.
        counts: "rule forms", "sampled", "sampled, allowed", "refused by GATE", "choices by the model", ...
        wanted: title, sentence and seed of each sentence that the GPT may rewrite freely.
    """

    blurbs: list[Blurb] = field(default_factory=list)
    held: list[tuple[str, str]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    wanted: list[tuple[str, str, int]] = field(default_factory=list)

    @property
    def publishers(self) -> set[str]:
        """The publishers that the takes link to."""
        return {blurb.story.lead.source for blurb in self.blurbs}

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
            "copied / rewritten": f"{kinds['copied'] / total:.0%} / {kinds['rewritten'] / total:.0%}",
            "sentences chosen otherwise by the GPT": _or_nothing(count["choices by the model"]),
            "shorter forms offered / taken by the GPT": f"{count['rule forms']} / {_or_nothing(kinds['rewritten'])}",
            "free rewrites by the GPT sampled / allowed": f"{count['sampled']} / {count['sampled, allowed'] or 'none'}",
            "forms refused, by gate": ", ".join(
                f"{name} {n}" for name, n in sorted(refused.items())
            )
            or "none",
        }


def _or_nothing(number: int) -> str:
    return str(number) if number else "none: the GPT changed nothing here"


def draft_issue(
    items: Sequence[FeedItem],
    background: Background,
    writer: Writer,
    post: config.Post,
    seed: int,
    on_story: Callable[[Story], None] = lambda _: None,
) -> Drafted:
    """Return the blurbs of the week's best stories, at most `post.max_stories`.

    The same items, writer and seed give the same blurbs, whatever the order of `items`.
    """
    drafted = Drafted()
    taken: Counter[str] = Counter()
    for story in select.rank(items):
        if len(drafted.blurbs) == post.max_stories:
            break
        if taken[story.lead.source] >= post.max_per_source:
            continue
        on_story(story)
        blurb, reason = _blurb(story, background, writer, post, seed, drafted)
        if blurb and taken[blurb.story.lead.source] >= post.max_per_source:
            reason = f"enough stories from {blurb.story.lead.source}"
            blurb = None
        if blurb:
            drafted.blurbs.append(blurb)
            taken[blurb.story.lead.source] += 1
        else:
            drafted.held.append((story.lead.title, reason))
    _sample(drafted, writer)
    return drafted


def _sample(drafted: Drafted, writer: Writer) -> None:
    """Let the writer rewrite all of the issue's sentences at once, and count what the rules would have allowed.

    An allowed rewrite is one of the shorter forms, which were judged already, so no text waits for this.
    """
    counts = drafted.counts
    samples = writer.rewrites(drafted.wanted, NUM_SAMPLES)
    for (title, sentence, _), found in zip(drafted.wanted, samples, strict=True):
        allowed = {form.text for form in rewrite.forms(sentence, title)}
        counts["sampled"] += len(found)
        counts["sampled, allowed"] += sum(sample in allowed for sample in found)
        counts["refused by not a deletion by rule"] += sum(
            sample not in allowed for sample in found
        )


def _blurb(
    story: Story,
    background: Background,
    writer: Writer,
    post: config.Post,
    seed: int,
    drafted: Drafted,
) -> tuple[Blurb | None, str]:
    """Return the blurb of a story, from the first of its items that carries one, or None and why not."""
    limits = (post.min_words, post.aim_words, post.max_words)
    reason = "too few clean sentences in its sources"
    for item in (story.lead, *story.others):
        chosen = extract.choose(item, background, writer, limits)
        if not chosen:
            continue
        if writer.model_id:
            plain = extract.choose(item, background, NoWriter(), limits) or []
            drafted.counts["choices by the model"] += len(
                {one.index for one in chosen} - {one.index for one in plain}
            )
        rest = tuple(other for other in (story.lead, *story.others) if other is not item)
        led = Story(item, rest, story.score, story.reasons)
        sentences = tuple(_sentence(one, item, writer, seed, drafted) for one in chosen)
        copies = tuple(_copied(one, item) for one in chosen)
        for version in (sentences, copies):
            blurb = Blurb(led, version)
            reason = final_look(blurb, post)
            if not reason:
                return blurb, ""
            drafted.counts["held at the final look"] += 1
    return None, reason


def _copied(one: Candidate, item: FeedItem) -> Sentence:
    gates = (("verbatim", float(checks.verbatim(one.text, item.text))),)
    return Sentence(one.text, "copied", item.id, one.index, one.text, gates, "word for word")


def _sentence(
    one: Candidate, item: FeedItem, writer: Writer, seed: int, drafted: Drafted
) -> Sentence:
    """Return the sentence as it will be published: a shorter form if the writer likes one that passes, else a copy."""
    allowed = {form.text: form for form in rewrite.forms(one.text, item.title)}
    drafted.counts["rule forms"] += len(allowed)
    drafted.wanted.append((item.title, one.text, seed + one.index))
    passed: list[tuple[rewrite.Form, checks.Verdict]] = []
    for form in allowed.values():
        verdict = _verdict(form.text, one.text, one.index, item)
        drafted.counts.update(f"refused by {gate}" for gate in verdict.failed)
        passed += [(form, verdict)] if verdict.passed else []
    if not passed or not writer.model_id:
        return _copied(one, item)
    scores = writer.continuation(item.text, [one.text, *(form.text for form, _ in passed)])
    best = max(range(len(passed)), key=lambda n: (scores[n + 1], -n))
    if scores[best + 1] <= scores[0]:
        return _copied(one, item)
    form, verdict = passed[best]
    gates = (*verdict.gates, ("gpt_gain", round(scores[best + 1] - scores[0], 5)))
    return Sentence(form.text, "rewritten", item.id, one.index, one.text, gates, form.note)


def final_look(blurb: Blurb, post: config.Post) -> str:
    """Return what is wrong with a whole blurb, or "": the belt to the gates' braces.

    Every gate is measured again from the published text and the item alone, whatever was measured on the way here.
    """
    item = blurb.story.lead
    if not post.min_words <= len(blurb.text.split()) <= post.max_words:
        return "too short or too long"
    for n, sentence in enumerate(blurb.sentences):
        wrong = _evidence_fault(sentence, item)
        if wrong:
            return wrong
        before = blurb.sentences[n - 1] if n else None
        if before and before.source_index >= sentence.source_index:
            return "its sentences stand in another order than in the source"
        behind = before is not None and before.source_index == sentence.source_index - 1
        leaning = extract.leans_back(sentence.text) and sentence.source_index > 0
        if leaning and not behind:
            return "a sentence leans on one that is not there"
    # Links between sentences (repeats, names) only show in the whole; the headline is the item's own too.
    strange = checks.unsupported(blurb.text, f"{item.title}. {item.text}")
    if strange:
        return f"not in the source: {', '.join(strange)}"
    return "says something twice" if checks.repeats(blurb.text) > MAX_REPEATS else ""


def _evidence_fault(sentence: Sentence, item: FeedItem) -> str:
    """Return what is wrong between one published sentence and its evidence, or ""."""
    if sentence.item_id != item.id or not checks.verbatim(sentence.source_text, item.text):
        return "a source sentence is not in its source"
    if sentence.kind == "copied":
        same = sentence.text == sentence.source_text
        return "" if same else "a copied sentence is not in its source"
    if sentence.text not in {form.text for form in rewrite.forms(sentence.source_text, item.title)}:
        return "a rewritten sentence is not its source with parts left out"
    verdict = _verdict(sentence.text, sentence.source_text, sentence.source_index, item)
    return "" if verdict.passed else f"gates not passed: {', '.join(verdict.failed)}"


def _verdict(candidate: str, source: str, index: int, item: FeedItem) -> checks.Verdict:
    """Return the gates' verdict; the window is the source sentence and its neighbours."""
    window = " ".join(text.sentences(item.text)[max(0, index - 1) : index + 2])
    return checks.check(candidate, source, window, item.text, item.title)
