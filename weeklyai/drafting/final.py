"""The last look at a whole blurb: the belt to the gates' braces.

Every gate is measured again from the published text and the items alone, whatever was measured on the way here.
"""

from collections.abc import Iterator

from weeklyai import config
from weeklyai.drafting import checks, free, heads, person, reports, rewrite
from weeklyai.drafting.composing import hanging_in
from weeklyai.drafting.shortening import judged
from weeklyai.records import Blurb, FeedItem, Sentence

MAX_REPEATS = 3  # 3-grams that a blurb may hold twice; long product names alone bring one or two


def final_look(blurb: Blurb, post: config.Post) -> str:
    """Return what is wrong with a whole blurb, or ""."""
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
    if sentence.kind in {"attributed", "quoted"}:
        return _naming_fault(sentence, item)
    return _rewriting_fault(sentence, item)


def _naming_fault(sentence: Sentence, item: FeedItem) -> str:
    """Return what is wrong with a sentence that is its source's own behind who said it, or ""."""
    if sentence.kind == "quoted":
        same = sentence.text == person.told(sentence.source_text, item) != sentence.source_text
        return "" if same else "a quotation is not its source"
    same = sentence.text == reports.attributed(sentence.source_text, item)
    return "" if same else "an attributed sentence is not its source behind its publisher's name"


def _rewriting_fault(sentence: Sentence, item: FeedItem) -> str:
    """Return what is wrong with a sentence that is its source told of a paper, or with parts left out, or ""."""
    told = person.told(sentence.source_text, item)
    if sentence.text == told != sentence.source_text:
        return ""
    if sentence.text not in {form.text for form in rewrite.forms(told, item.title)}:
        return "a rewritten sentence is not its source with parts left out"
    verdict = judged(sentence.text, told, sentence.source_index, item)
    return "" if verdict.passed else f"gates not passed: {', '.join(verdict.failed)}"
