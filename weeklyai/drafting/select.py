"""Which of the week's items become stories, and in what order; every rank comes with its reasons.

Items about one event are gathered first (near-duplicates, then rare words of headline and lead, within four days), because
how many publishers report an event is the best sign of its weight. One report that many publishers run is one report: all
of them are named as sources, one is counted. Then come the field's own terms, names and figures in the headline, and how
much there is to draw on; lists, digests, job ads and sponsored items sink.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from rapidfuzz import fuzz

from weeklyai import duplicates, text
from weeklyai.drafting import checks
from weeklyai.records import FeedItem, Story

MIN_WORDS = 15  # of an item's text; many feeds carry one sentence, and one that says something makes a short take
APART = timedelta(days=4)  # reports of one event come within this
COPIED = timedelta(days=7)  # and copies of one report within this, an issue's window
SAME_EVENT = 0.29  # cosine of two items; on the sample feeds all pairs above it report one event, few below do
TYPED = 88  # rapidfuzz points of two headlines that are one headline, words added or moved
_OPENING = 800  # characters of an item in which terms are looked for
RARE = 40  # a word in more items than this does not bring two together
_STRONG = (
    "llm|gpt|chatgpt|openai|anthropic|claude|gemini|llama|mistral|deepseek|qwen|gemma|copilot|hugging ?face|transformers?|"
    "language models?|foundation models?|generative|diffusion|neural|deep learning|machine learning|fine-?tun\\w+|"
    "inference|gpus?|nvidia|ai|a\\.i\\.|artificial intelligence|codex|opus|sonnet|agents?|agentic|rag|benchmark|open[- ]weights?|multimodal|embedding\\w*"
)
_FIELD = (
    "chips?|semiconductors?|cloud|open[- ]source|software|security|vulnerabilit\\w+|privacy|linux|kernel|browser|chrome|firefox|"
    "python|rust|golang|javascript|typescript|java|kubernetes|docker|database|postgres\\w*|sqlite|compiler|api|apis|robot\\w*|"
    "apple|google|microsoft|meta|amazon|intel|amd|arm|tesla|startup|developers?|programming|data|algorithm\\w*|quantum|"
    "c\\+\\+|codec?s?|coding|code|github|git|blockchains?|crypto\\w*|ethereum|bitcoin|computers?|computing|technolog\\w+|digital|online|"
    "servers?|librar(?:y|ies)|frameworks?|smartphones?|spacecraft|satellites?|rockets?|batter(?:y|ies)|electronics?|hackers?|malware|"
    "routers?|[56]g|wi-?fi|risc-v|telecoms?|broadband|internet|web|app|apps|android|ios|cyber\\w*|encryption|copyright|regulat\\w+|antitrust|training|dataset\\w*|model|models"
)
_TERMS = (
    (re.compile(rf"\b(?:{_STRONG})\b", re.IGNORECASE), 1.0),
    (re.compile(rf"\b(?:{_FIELD})\b", re.IGNORECASE), 0.4),
)
# Something has happened: the verb of a news headline.
_HAPPENED = re.compile(
    r"\b(?:launch(?:es|ed)|releas(?:es|ed|e)|unveil(?:s|ed)|introduc(?:es|ed|ing)|announc(?:es|ed)|sues?|sued|lawsuit|bans?|banned|prohibits?|"
    r"fined|acquires?|acquired|buys?|bought|raises?|raised|cuts|restart(?:s|ing)|suspends?|warns?|warnings?|reduces|layoffs?|lays off|at stake|"
    r"issues|approves?|approved|hacks?|hacked|breach\w*|outage|leaks?|leaked|open-sources|shuts|snags|pledges|orders|delivers|records?|welcome|"
    r"price (?:hikes?|increases?|rises?)|v?\d+\.\d+)\b(?!-)",
    re.IGNORECASE,
)
_RESEARCH = re.compile(r"\b(?:arxiv|biorxiv|medrxiv|ssrn|journal of|pubmed)\b", re.IGNORECASE)
_WEAK = (
    ("digest", re.compile(r"\b(?:this week in|weekly|digest|round-?up|newsletter|links?|monthly|issue #?\d+|week \d+|in review|"
                          r"recap|week in|issue no\.? ?\d+|meeting|status report|changelog|release notes|minutes|open thread|who is hiring|podcast|episode|ep\.? ?\d+|"
                          r"webinar|meetup|call for|cfp|contributor|sponsor\w*|events?)\b", re.IGNORECASE)),
    ("list", re.compile(r"^(?:top )?\d+ (?:\w+ ){0,3}(?:ways|tips|things|reasons|best|tools|tricks|books|steps|questions)\b|\bbest .+ (?:of|for) ", re.IGNORECASE)),
    ("advert", re.compile(r"\b(?:deals|% off|coupon|discount|giveaway|we're hiring|is hiring|job (?:ads?|openings?|board)|careers|on sale|sponsored|promo)\b", re.IGNORECASE)),
    ("how-to", re.compile(r"^(?:how (?:to|i|we|do|\w+ (?:builds?|uses?|powers?|reached))|(?:build|building|scal(?:e|ing)|accelerat(?:e|ing)|deploy(?:ing)?|"
                          r"enhanc(?:e|ing)|design(?:ing)?|using|creat(?:e|ing)|improv(?:e|ing)|running|run|turning|achieving|maximiz(?:e|ing)|"
                          r"validat(?:e|ing)|removing|select the|stream|simulate|optimiz(?:e|ing)|implementing|enabl(?:e|ing)|repurposing|controlling|bringing) |"
                          r"why (?:i|we|you)|a guide|guide to|tutorial|getting started|introduction to|understanding|what is|learn|my |til\b|today i)", re.IGNORECASE)),
    ("podcast", re.compile(r"^(?:#|ep\.? ?|no\.? ?)?\d{1,4}: |\bwith guest\b", re.IGNORECASE)),
    ("greeting", re.compile(r"\b(?:happy|merry|congratulations|thank you|thanks|farewell|save the date|infographic|survey results)\b", re.IGNORECASE)),
    ("press release", re.compile(r"\b(?:proud to|pleased to|thrilled|excited to|award-winning|leading provider|named (?:a )?leader|recognized (?:as|by))\b", re.IGNORECASE)),
    ("review or opinion", re.compile(r"\breviews?\b|^(?:opinion|comment|editorial|analysis|letters?|ask \w+|webinar)\b|\bwhy \w+|\bwhat .* (?:reveals?|means|tells?)\b|"
                                     r"\b(?:should|must|lessons?|guide)\b", re.IGNORECASE)),
    ("question", re.compile(r"\?\s*$")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wishes:
    """What an editor wants: words, in any case, that stand in a headline or an opening.

    Attributes:
        topics: what the newsletter is about; none means language models and technology.
        block: an item with one of these never becomes a story.
        must_have: where any are named, an item has to hold one.
    """

    topics: tuple[str, ...] = ()
    block: tuple[str, ...] = ()
    must_have: tuple[str, ...] = ()

    def terms(self) -> tuple[tuple[re.Pattern[str], float], ...]:
        """Return the patterns of the topics with the points of a hit."""
        return ((_any_of(self.topics), 1.0),) if self.topics else _TERMS

    def refused(self, item: FeedItem) -> str | None:
        """Return why an editor does not want an item, or None."""
        opening = f"{item.title} {item.text[:_OPENING]}"
        blocked = _any_of(self.block).search(opening) if self.block else None
        if blocked:
            return f"blocked word {blocked[0]!r}"
        if self.must_have and not _any_of(self.must_have).search(opening):
            return "no must-have word"
        return None


def _any_of(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)", re.IGNORECASE)


ANYTHING = Wishes()


def rank(items: Sequence[FeedItem], wishes: Wishes = ANYTHING) -> list[Story]:
    """Return all stories of a week, best first; the order of `items` does not matter."""
    items = [item for item in items if wishes.refused(item) is None]
    runs = {run[0].id: run for run in by_text(items)}
    newest = max((item.published for run in runs.values() for item in run), default=None)
    groups = clusters([run[0] for run in runs.values()])
    talk = _talk([run[0] for run in runs.values()], wishes)
    stories = [_story([runs[item.id] for item in group], newest, wishes) for group in groups]
    stories = [_with_talk(story, talk) for story in stories]
    stories.sort(key=lambda story: (-story.score, story.lead.published, story.lead.id))
    return stories


def _talk(items: Sequence[FeedItem], wishes: Wishes) -> Counter[str]:
    """Count in how many headlines of the week, on topic and no papers, each name stands."""
    found: Counter[str] = Counter()
    for item in items:
        if on_topic(item, wishes) and not _RESEARCH.search(f"{item.source} {item.url}"):
            own = set(text.words(item.source))
            found.update(name for name in _named(item.title) if name.lower() not in own)
    return found


def _named(title: str) -> set[str]:
    """Return the names of a headline; in one with Every Word Capital, only words that are spelled in no usual way."""
    names = set(checks.names(f"x {title}"))
    words = [word for word in text.WORD.findall(title) if word.lower() not in text.STOP_WORDS]
    if len(names) <= 0.6 * len(words):
        return names
    return {name for name in names if any(c.isupper() or c.isdigit() for c in name[1:])}


def _with_talk(story: Story, talk: Counter[str]) -> Story:
    """Return `story` with points for a name that the week's other headlines speak of too, the less usual the name."""
    if "off topic" in story.reasons:
        return story
    # A country, or the field itself, stands in many headlines and is no event: it counts no more than a much named firm.
    usual = max(6, talk.total() // 60)
    heard = {name: talk[name] for name in _named(story.lead.title) if talk[name] >= 3}
    if not heard:
        return story
    name = max(heard, key=lambda one: (min(heard[one], usual), one))
    points = min(1.2, 0.4 * math.log2(min(heard[name], usual)))
    reason = f"{heard[name]} headlines speak of {name}"
    return replace(story, score=round(story.score + points, 4), reasons=(*story.reasons, reason))


def rejected(
    items: Sequence[FeedItem],
    wishes: Wishes = ANYTHING,
    stories: Sequence[Story] | None = None,
) -> list[tuple[FeedItem, str]]:
    """Return the items that cannot become a story, each with the reason, in order of publication.

    `stories` are those that `rank` made of the same items, where they are known already.
    """
    made = rank(items, wishes) if stories is None else stories
    kept = {item.id for story in made for item in (story.lead, *story.others)}
    left = [item for item in sorted(items, key=_by_date) if item.id not in kept]
    twin = "the same text as another item of its source"
    return [(item, unusable(item) or wishes.refused(item) or twin) for item in left]


def by_text(items: Sequence[FeedItem]) -> list[list[FeedItem]]:
    """Gather the usable items that run one text, though edited or cut, within a week: of each publisher the fullest.

    The earliest comes first. The others are named as sources of a story, but they confirm nothing.
    """
    usable = [item for item in sorted(items, key=_by_date) if unusable(item) is None]
    found: list[list[FeedItem]] = []
    latest: dict[int, list[FeedItem]] = {}
    groups = duplicates.groups([(item.title, item.text) for item in usable])
    for item, group in zip(usable, groups, strict=True):
        run = latest.get(group)
        if run is None or item.published - run[0].published > COPIED:
            run = latest[group] = []
            found.append(run)
        run.append(item)
    return [_one_each(run) for run in found]


def _one_each(run: Sequence[FeedItem]) -> list[FeedItem]:
    fullest: dict[str, FeedItem] = {}
    for item in run:
        other = fullest.setdefault(item.source, item)
        if len(item.text) > len(other.text):
            fullest[item.source] = item
    return [item for item in run if fullest[item.source] is item]


def _by_date(item: FeedItem) -> tuple[datetime, str]:
    return item.published, item.id


def unusable(item: FeedItem) -> str | None:
    """Return why an item cannot become a story, or None."""
    words = text.words(item.text[:4_000])
    if item.url is None:
        return "no link"
    if len(words) < MIN_WORDS:
        return "too little text"
    # Running English text has about 40 % function words; code, lists and other languages have hardly any.
    if sum(word in text.STOP_WORDS for word in words) < 0.22 * len(words):
        return "not English prose"
    if len(text.words(item.title)) < 3:
        return "no headline"
    return None


def on_topic(item: FeedItem, wishes: Wishes = ANYTHING) -> bool:
    """Say whether headline or publisher name a term of the field, or the opening names two."""
    terms = wishes.terms()
    opening = {found.lower() for term, _ in terms for found in term.findall(item.text[:_OPENING])}
    return len(opening) >= 2 or any(term.search(f"{item.title} {item.source}") for term, _ in terms)


def clusters(items: Sequence[FeedItem]) -> list[list[FeedItem]]:
    """Gather items about one event: each joins the likest earlier group, in order of publication.

    An item must be like some member of the group, and a little like its first, so that a chain of likenesses does not
    drift from one event to the next.
    """
    vectors = _vectors(items)
    in_items = Counter(stem for vector in vectors.values() for stem in vector)
    groups: list[list[FeedItem]] = []
    by_stem: dict[str, list[int]] = defaultdict(list)
    for item in sorted(items, key=_by_date):
        own = vectors[item.id]
        rare = sorted(stem for stem in own if in_items[stem] <= RARE)
        near = Counter(number for stem in rare for number in dict.fromkeys(by_stem[stem]))
        best, chosen = SAME_EVENT, len(groups)
        for number, shared in sorted(near.items()):
            group = groups[number]
            if shared < 2 or item.published - group[0].published > APART:
                continue
            likeness = max(_likeness(item, other, vectors) for other in group)
            if likeness > best and _cosine(own, vectors[group[0].id]) >= SAME_EVENT / 2:
                best, chosen = likeness, number
        if chosen == len(groups):
            groups.append([])
        groups[chosen].append(item)
        for stem in rare:
            by_stem[stem].append(chosen)
    return groups


def _vectors(items: Sequence[FeedItem]) -> dict[str, dict[str, float]]:
    """Return for each item the weights, of length 1, of the stems of its headline (double) and its first sentence.

    A stem's weight is its inverse document frequency over `items`; numbers and mixed words ("gpt-4o") count as stems.
    """
    heads = {item.id: _stems(item.title) for item in items}
    stems = {
        item.id: heads[item.id] | _stems(" ".join(text.sentences(item.text[:1_500])[:1]))
        for item in items
    }
    in_items = Counter(stem for found in stems.values() for stem in found)
    vectors = {}
    for key, found in stems.items():
        weights = {
            stem: math.log(1 + len(items) / in_items[stem]) * (2 if stem in heads[key] else 1)
            for stem in sorted(found)
        }
        length = math.sqrt(sum(value * value for value in weights.values())) or 1.0
        vectors[key] = {stem: value / length for stem, value in weights.items()}
    return vectors


def _stems(passage: str) -> set[str]:
    mixed = {
        word for word in text.words(passage) if any(c.isdigit() for c in word) and len(word) > 1
    }
    return set(text.content_stems(passage)) | mixed


def _likeness(item: FeedItem, other: FeedItem, vectors: dict[str, dict[str, float]]) -> float:
    """Return how like two items are: their cosine, or 1 where they have one headline."""
    typed = fuzz.token_sort_ratio(item.title.lower(), other.title.lower(), score_cutoff=TYPED)
    return 1.0 if typed else _cosine(vectors[item.id], vectors[other.id])


def _cosine(a: dict[str, float], b: dict[str, float]) -> float:
    return sum(value * b[stem] for stem, value in a.items() if stem in b)


def _story(runs: Sequence[Sequence[FeedItem]], newest: datetime | None, wishes: Wishes) -> Story:
    """Return the story of one cluster, its items by the text that they run; the fullest early report leads."""
    faces = sorted(map(_face, runs), key=_fullest)
    leading = {item.id for item in faces}
    copies = [item for run in runs for item in run if item.id not in leading]
    lead, *others = *faces, *sorted(copies, key=_fullest)
    own = {item.source for item in faces}
    parts = _reasons(lead, len(own), wishes)
    # A wire report run by two publishers is one source, not two.
    copying = len({item.source for item in copies} - own)
    if copying:
        parts.append((0.0, f"{copying} more with the same text"))
    age = (newest - lead.published) / timedelta(days=1) if newest else 0.0
    parts.append((max(0.0, 0.3 - 0.04 * age), f"{age:.0f} days before the newest item"))
    score = round(sum(value for value, _ in parts), 4)
    return Story(lead, tuple(others), score, tuple(why for _, why in parts))


def _face(run: Sequence[FeedItem]) -> FeedItem:
    """Return the earliest item of a run that is no mere excerpt: who copies a report does not lead for an added line."""
    most = max(_num_words(item) for item in run)
    return next(item for item in run if _num_words(item) >= 0.6 * most)


def _fullest(item: FeedItem) -> tuple[int, datetime, str]:
    return -_num_words(item), item.published, item.id


def _num_words(item: FeedItem) -> int:
    return min(len(item.text.split()), 150)


def _reasons(lead: FeedItem, num_sources: int, wishes: Wishes) -> list[tuple[float, str]]:
    """Return what speaks for and against a story, in points and words."""
    parts: list[tuple[float, str]] = []
    if num_sources > 1:
        parts.append((2.0 * math.log2(num_sources) + 0.5, f"{num_sources} sources"))
    parts.append(_topic(lead, wishes))
    research = _RESEARCH.search(f"{lead.source} {lead.url}")
    happened = _HAPPENED.search(lead.title)
    if happened and not research:
        parts.append((1.2, f"news ({happened[0].lower()})"))
    named = checks.names(f"x {lead.title}")
    if named:
        parts.append((min(0.8, 0.25 * len(named)), "names who or what"))
    if any(c.isdigit() for c in lead.title):
        parts.append((0.2, "a figure or version in the headline"))
    length = len(lead.text.split())
    parts.append(
        (min(0.6, length / 400) - (1.0 if length < 60 else 0.0), f"{length} words to draw on")
    )
    if lead.date_guessed:
        parts.append((-0.3, "its feed gives no date"))
    if research:
        parts.append((-2.5, "a research abstract"))
    parts += [
        (-1.5, f"reads like a {name}") for name, pattern in _WEAK if pattern.search(lead.title)
    ]
    return parts


def _topic(lead: FeedItem, wishes: Wishes) -> tuple[float, str]:
    """Return how well a story fits the topics; the newsletter's own field counts most, plain technology less."""
    if not on_topic(lead, wishes):
        # The feed list is the editor's word on what belongs, so such an item is not dropped; it comes last.
        return -3.0, "off topic"
    opening = " ".join(text.sentences(lead.text[:3_000])[:4])
    terms = wishes.terms()
    hits = [({m.lower() for m in term.findall(lead.title)}, points) for term, points in terms]
    body = {m.lower() for term, _ in terms for m in term.findall(opening)}
    # A second term says little more: headlines full of jargon are not bigger news.
    points = sum(1.2 * weight * (len(found) > 0) + 0.4 * weight * (len(found) > 1) for found, weight in hits)  # fmt: skip
    shown = ", ".join(sorted(set().union(*(found for found, _ in hits)))[:3]) or "its opening"
    return points + 0.1 * min(6, len(body)), f"on topic ({shown})"
