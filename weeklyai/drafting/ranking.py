"""How much a story weighs, in points, each with its reason.

How many publishers report an event is the best sign of its weight; then what happened, who is named, how often the week
speaks of it, and how well it fits the newsletter's topics. Lists, digests, self-praise and data sheets sink. Stories on one
subject, or from one publisher, take points from one another, so that an issue is not ten times the same.
"""

import heapq
import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from weeklyai import text
from weeklyai.drafting import checks, kinds
from weeklyai.drafting.wishes import Wishes, on_topic, topic
from weeklyai.records import FeedItem, Story

SAME_SUBJECT = 1.2  # points that a story loses for each one above it on its subject
SAME_ATTACK = 0.5  # and for each one above it on a breach or an attack, of which a week has many
SAME_SOURCE = 0.4  # and for each one above it from its publisher
_HEARD = 2_000  # characters of an item in which names are looked for
LOUD = 2.0  # talk of less is no talk: two publishers, or seven items of one
MOST_TALK = 1.4  # points for a name that the week speaks of
# What a headline says has happened; the first kind that is found counts.
_EVENTS = (
    (2.0, re.compile(
        r"\b(?:sues?|sued|lawsuit|bans?|banned|prohibits?|blocks|blacklist\w*|outlaws?|fined|fines|antitrust|indict\w*|halts?|suspends?|recalls?|"
        r"hacks|hacked|breach\w*|outage|zero-day|exploited|leak(?:s|ed)|lay-?offs?|lays off|jobs? at stake|job cuts|to cut .{0,20}jobs|cuts .{0,20}jobs|"
        r"rules against|ruling|resigns|ousted|steps down|quits|shuts? down|shutters|bankrupt\w*|convicted|subpoena\w*)\b(?!-)", re.IGNORECASE)),
    (1.5, re.compile(
        r"\b(?:acquires?|acquired|buys|bought|takes? over|merg(?:es?|er)|valuation|ipo|raises? (?:us)?[$€£]\S+|raised (?:us)?[$€£]\S+|"
        r"price (?:hikes?|increases?|rises?|cuts?)|(?:cuts?|raises?|reduces?|lowers?) .{0,30}(?:prices?|fees?|commissions?|tariffs?)|approves|approved|"
        r"green light|orders|warns?|warnings?|warned|restart(?:s|ing)|resumes|sanctions?|tariffs?|rejects|settles|overturns|wins approval)\b(?!-)",
        re.IGNORECASE)),
    (1.0, re.compile(
        r"\b(?:launch(?:es|ed)|releas(?:es|ed|e)|unveil(?:s|ed)|introduc(?:es|ed|ing)|announc(?:es|ed|ing)|open-sources|debuts|ships|arrives|"
        r"now available|delivers(?! (?:high|low|better|fast|more|effici|\d))|pledges|snags|issues|opens|welcome|to open|reshuffles|discontinues|ends|drops|gains|joins|reaches|"
        r"generally available|out now)\b(?!-)|^\W*(?:(?-i:[A-Z])\S* ){1,2}(?:v\d[\d.]*|\d+\.\d[\d.]*|\d+(?=\s?[:–—-]))(?=\W|$)", re.IGNORECASE)),
)  # fmt: skip
# "KiCad 10", "TRL v1.0": a whole version is more than a patch.
_WHOLE = re.compile(
    r"^\W*(?:(?:Introducing|Welcome|Announcing) )?(?:[A-Z]\S* ){1,2}v?[1-9]\d*(?:\.0)*(?=[ :,–—-]|$)(?! ?[A-Z\d])"
)
_ATTACK = re.compile(
    r"\b(?:hack\w*|breach\w*|leak(?:s|ed)?|zero-day|exploit\w*|ransomware|cyber[- ]?attacks?|malware|phishing)\b",
    re.IGNORECASE,
)
_LARGE = re.compile(
    r"\b\d{1,3}(?:,\d{3})+\b|\b(?:b|tr|m)illion\b|[$€£]\d[\d.]*(?:bn|b|tn|m)\b", re.IGNORECASE
)
# Whom a reader of technology news knows.
_FIRMS = re.compile(
    r"\b(?:OpenAI|Anthropic|Google|Alphabet|DeepMind|Apple|Microsoft|Meta|Amazon|AWS|Nvidia|NVIDIA|AMD|Intel|Arm|TSMC|Samsung|SK Hynix|Micron|Qualcomm|"
    r"Broadcom|ASML|IBM|Oracle|SpaceX|Tesla|xAI|Musk|Altman|Zuckerberg|ByteDance|TikTok|Alibaba|Tencent|Baidu|Huawei|Xiaomi|SMIC|DeepSeek|Moonshot|"
    r"Zhipu|MiniMax|Mistral|Hugging Face|Perplexity|Databricks|Cloudflare|CrowdStrike|GitHub|GitLab|Mozilla|Firefox|Chrome|Android|iOS|iPhone|Windows|"
    r"Linux|Debian|Ubuntu|Red Hat|Kubernetes|Docker|PostgreSQL|SQLite|Python|Rust|Wikipedia|Signal|WhatsApp|YouTube|Netflix|Sony|Nintendo|Raspberry Pi|"
    r"Arduino|NASA|ChatGPT|Claude|Gemini|Gemma|Llama|Qwen|Copilot|Stack Overflow|Reddit|Twitter|Adobe|Cisco|VMware|Uber|Starlink)\b"
)
_POWERS = re.compile(
    r"\b(?:FCC|FTC|SEC|EU|European (?:Union|Commission|Parliament)|Brussels|Congress|Senate|Supreme Court|Pentagon|White House|Trump|Justice Department|"
    r"DOJ|NSA|FBI|CISA|NIST|W3C|IETF|Parliament|Ofcom|[Jj]udge|[Cc]ourt|[Rr]egulators?|[Gg]overnments?|[Cc]entral bank|[Mm]inistry|AI Act)\b"
)
# Places, days and acronyms of the trade stand in many headlines and are no event.
_USUAL = re.compile(
    r"[A-Z]{2,4}s?|SoCs?|IoT|\d.*|China|Chinese|American?|Hong|Kong|Japan|Japanese|India|Indian|Europe(?:an)?|Beijing|Iran|Israel|Taiwan|"
    r"Korea|Russia|Ukraine|Asia|Pacific|Australia|Canada|Germany|France|London|Washington|Middle|East|West|North|South|Gulf|War|"
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|August|September|October|November|December|"
    r"Wi-?Fi|Bluetooth|Ethernet|Cortex.*|ESP32.*|Raspberry|Pi|RISC-V|LiPo|NPUs?|.?Hz|Introducing|New|First|Plus|Pro|Mini|Max|Ultra|Super|Mode|Embedded|Trump|[A-Z][a-z]+-[A-Z]?[a-z]+"
)
Talk = Mapping[str, Counter[str]]  # for a name, in how many items of each publisher it stands


def weighed(
    runs: Sequence[Sequence[FeedItem]],
    newest: datetime,
    talk: Talk,
    wishes: Wishes,
) -> Story:
    """Return the story of one cluster, its items by the text that they run; the fullest early report leads.

    Args:
        runs: the items of the cluster; those of one run have one text.
        newest: when the week's last item came.
        talk: in how many items of each publisher a name stands, from `talk_of`.
        wishes: the editor's.
    """
    faces = sorted(map(_face, runs), key=lambda item: _foremost(item, wishes))
    leading = {item.id for item in faces}
    copies = [item for run in runs for item in run if item.id not in leading]
    lead, *others = *faces, *sorted(copies, key=_fullest)
    own = {item.source for item in faces}
    parts = _reasons(lead, faces, talk, wishes)
    # A wire report run by two publishers is one source, not two.
    copying = len({item.source for item in copies} - own)
    if copying:
        parts.append((0.0, f"{copying} more with the same text"))
    age = (newest - lead.published) / timedelta(days=1)
    parts.append((max(0.0, 0.3 - 0.04 * age), _age(round(age))))
    score = round(sum(value for value, _ in parts), 4)
    return Story(lead, tuple(others), score, tuple(why for _, why in parts))


def _age(days: int) -> str:
    """Return how old a story is, for people."""
    if days < 1:
        return "among the newest"
    return "1 day before the newest item" if days == 1 else f"{days} days before the newest item"


def _face(run: Sequence[FeedItem]) -> FeedItem:
    """Return the earliest item of a run that is no mere excerpt: who copies a report does not lead for an added line."""
    most = max(_num_words(item) for item in run)
    return next(item for item in run if _num_words(item) >= 0.6 * most)


def _foremost(item: FeedItem, wishes: Wishes) -> tuple[float, int, datetime, str]:
    """Return the key that puts the report to draft from first: news before how-tos, then the fullest."""
    weak = sum(points for points, _ in kinds.hardly_news(item))
    return (-weak - wishes.trust(item), *_fullest(item))


def _fullest(item: FeedItem) -> tuple[int, datetime, str]:
    return -_num_words(item), item.published, item.id


def _num_words(item: FeedItem) -> int:
    return min(len(item.text.split()), 150)


def _reasons(
    lead: FeedItem, faces: Sequence[FeedItem], talk: Talk, wishes: Wishes
) -> list[tuple[float, str]]:
    """Return what speaks for and against a story, in points and words."""
    parts: list[tuple[float, str]] = []
    # A paper is what others report of; it confirms no report.
    sources = len({item.source for item in faces if not kinds.is_paper(item)})
    if sources > 1:
        parts.append((2.0 * math.log2(sources) + 0.5, f"{sources} sources"))
    fits = topic(lead, wishes)
    parts.append(fits)
    research = kinds.is_paper(lead)
    if not research:
        parts += _news(lead)
        if fits[0] > 0:
            parts += _heard(lead, talk)
    if kinds.filed_as_technology(lead) and not wishes.topics:
        parts.append((0.4, "filed under technology by its publisher"))
    length = len(lead.text.split())
    parts.append(
        (min(0.4, length / 500) - (1.0 if length < 60 else 0.0), f"{length} words to draw on")
    )
    trust = wishes.trust(lead)
    if trust:
        parts.append((trust, "a trusted publisher" if trust > 0 else "a doubted publisher"))
    if lead.date_guessed:
        parts.append((-0.3, "its feed gives no date"))
    if research:
        parts.append((-2.5, "a research abstract"))
    return parts + kinds.hardly_news(lead)


def _news(lead: FeedItem) -> list[tuple[float, str]]:
    """Return points for what a headline says has happened, and to whom."""
    parts: list[tuple[float, str]] = []
    hits = ((points, pattern.search(lead.title)) for points, pattern in _EVENTS)
    found = next(((points, hit[0].strip().lower()) for points, hit in hits if hit), None)
    if found:
        parts.append((found[0], f"news ({found[1]})"))
    if found and _WHOLE.search(lead.title):
        parts.append((0.5, "a whole new version"))
    if _LARGE.search(lead.title):
        parts.append((0.3, "a large figure in the headline"))
    # A firm's own name over its own post says nothing about the weight of the news.
    own = lead.source.lower()
    firms = {name for name in _FIRMS.findall(lead.title) if name.lower() not in own}
    powers = set(_POWERS.findall(lead.title))
    if firms or powers:
        points = min(1.2, 0.6 + 0.2 * (len(firms) + len(powers) - 1) + 0.2 * bool(firms and powers))
        parts.append((points, f"about {', '.join(sorted(firms | powers)[:3])}"))
    named = [name for name in checks.names(f"x {lead.title}") if not _USUAL.fullmatch(name)]
    if named:
        parts.append((min(0.4, 0.2 * len(named)), "names who or what"))
    return parts


# --- what the week speaks of --------------------------------------------------------------------------------------


def talk_of(items: Sequence[FeedItem], wishes: Wishes) -> Talk:
    """Count in how many items of each publisher each name of a headline stands; items on topic, no papers.

    In a headline With Every Word Capital any word looks like a name, so what the week also writes small is none.
    """
    heard = [
        (item, set(text.WORD.findall(f"{item.title} {item.text[:_HEARD]}")))
        for item in items
        if on_topic(item, wishes) and not kinds.is_paper(item)
    ]
    small = Counter(word for _, said in heard for word in said if word.islower())
    wanted: set[str] = set()
    for item, _ in heard:
        wanted |= _named(item) & set(checks.names(item.text[:_HEARD]))
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for item, said in heard:
        for name in wanted & said:
            found[name][item.source] += 1
    return {name: by for name, by in found.items() if small[name.lower()] <= by.total() // 4}


def _named(item: FeedItem) -> set[str]:
    """Return the words of a headline that may be names: not its publisher, a firm, or what stands in any headline."""
    own = item.source.lower()
    names = {re.sub(r"['’]s$", "", name) for name in checks.names(f"x {item.title}")}
    return {
        name
        for name in names
        if not (_USUAL.fullmatch(name) or _FIRMS.fullmatch(name) or name.lower() in own)
    }


def _heard(lead: FeedItem, talk: Talk) -> list[tuple[float, str]]:
    """Return points for the most heard name of a headline; many items of one publisher say less than many publishers."""
    heard = sorted(
        ((_volume(talk[name]), name) for name in _named(lead) & talk.keys()), reverse=True
    )
    if not heard or heard[0][0] < LOUD:
        return []
    # "Vera Rubin" says more than one of its words.
    second = heard[1][0] if len(heard) > 1 else 0.0
    name = heard[0][1]
    points = min(MOST_TALK, 0.35 * heard[0][0] + 0.15 * second)
    return [(points, f"{talk[name].total()} items speak of {name}")]


def _volume(items: Counter[str]) -> float:
    """Return how loud talk is; many publishers are louder than one, which may only speak of itself."""
    return sum(math.log2(1 + count) for count in items.values()) - (len(items) == 1)


# --- variety ------------------------------------------------------------------------------------------------------


def varied(stories: Sequence[Story], talk: Talk) -> list[Story]:
    """Return stories best first; each loses points for those above it that share its subject or its publisher.

    A subject is a name in both headlines that is no firm's, as a firm may make news twice a week. Scores only sink
    while stories are taken, so one is looked at again when it comes up with an old score (lazy greedy: Minoux, 1978).
    """
    subjects: Counter[str] = Counter()
    sources: Counter[str] = Counter()
    taken: list[Story] = []
    attacks = 0
    heap = [(-one.score, _place(one), one.lead.id, n) for n, one in enumerate(stories)]
    heapq.heapify(heap)
    while heap:
        old, place, key, n = heapq.heappop(heap)
        story = stories[n]
        names = {name for name in _named(story.lead) & talk.keys() if _volume(talk[name]) >= LOUD}
        name = max(names, key=lambda one: (subjects[one], one), default="")
        above, same = subjects[name], sources[story.lead.source]
        is_attack = bool(_ATTACK.search(story.lead.title))
        less = SAME_SUBJECT * min(above, 3) + SAME_SOURCE * min(same, 3)
        score = round(story.score - less - SAME_ATTACK * min(attacks, 4) * is_attack, 4)
        if score < -old:
            heapq.heappush(heap, (-score, place, key, n))
            continue
        why = [f"{above} above it on {name}"] if above else []
        why += [f"{same} above it from {story.lead.source}"] if same else []
        why += [f"{attacks} above it on breaches and attacks"] if attacks and is_attack else []
        taken.append(replace(story, score=score, reasons=(*story.reasons, *why)))
        attacks += is_attack
        subjects.update(names)
        sources[story.lead.source] += 1
    return taken


def _place(story: Story) -> float:
    return story.lead.published.timestamp()
