"""What sort of text an item is: no story at all, or one that is hardly news, by its headline, address and opening."""

import re
from urllib.parse import urlsplit

from weeklyai import text
from weeklyai.records import FeedItem

MIN_WORDS = 15  # of an item's text; many feeds carry one sentence, and one that says something makes a short take
SPECS = 3  # figures with letters, versions and sizes in a headline: a data sheet
FIRST_PERSON = 0.02  # share of "I" and "my" in an opening that is somebody's own column
_READ = 250  # words of an opening
# Publishers file what is paid for, or somebody's view, under addresses of their own.
_PAID = re.compile(
    r"/(?:presented|native|sponsored|sponsor-content|partner-content|branded|brandvoice|advertorial|paid-post|promoted|deals?|"
    r"coupons?|promo-codes?|vouchers?)(?:/|$)|[/-](?:coupon|promo-code|promo-codes|discount-code)(?:s|[/-]|$)",
    re.IGNORECASE,
)
_PAID_TEXT = re.compile(
    r"\b(?:content of this article has been produced by|(?:this|the following) (?:is a )?(?:sponsored|promoted|paid)[ -](?:post|content|article)|"
    r"sponsored (?:post|content) by|investigating claims (?:on behalf|against)|advertis(?:ement|ing) feature|paid partnership|promo code|coupon code|use code [A-Z0-9]{4,})\b",
    re.IGNORECASE,
)
_VIEW = re.compile(
    r"/(?:[a-z]+-)?(?:opinions?|comment|commentisfree|editorials?|columns?|columnists?|op-ed|letters|views)(?:/|$)",
    re.IGNORECASE,
)
_VIEW_TEXT = re.compile(r"\s*(?:Opinion|Editorial|Comment|Op-ed)(?=[:|A-Z—–-])")
_TECH = re.compile(
    r"/(?:big-)?(?:tech|technology|ai|artificial-intelligence|science|security|gadgets|hardware|software|computing|developers?)(?:/|$)",
    re.IGNORECASE,
)
_SPEC = re.compile(r"(?<![$€£\d.,])(?=[\w./×-]*\d)(?=[\w./×-]*[A-Za-z×/]|\d+\.\d)[\w./×-]+")
_FEATURES = re.compile(r"\b(?:features|offers|supports|with|includes|packs)\b[^,]*(?:,[^,]*){2,}")
_PAPER = re.compile(
    r"\b(?:arxiv|biorxiv|medrxiv|ssrn|journal of|pubmed|transactions on)\b", re.IGNORECASE
)
_KINDS = (
    ("digest", 1.5, re.compile(r"\b(?:this week in|weekly|digest|round-?up|newsletter|links?|monthly|issue #?\d+|week \d+|in review|"
                          r"recap|week in|issue no\.? ?\d+|meeting|status report|changelog|release notes|minutes|open thread|who is hiring|podcast|episode|ep\.? ?\d+|"
                          r"webinar|meetup|call for|cfp|contributor|events?|\d+ .{0,40} reads|everything you need to know)\b", re.IGNORECASE)),
    ("list", 1.5, re.compile(r"^(?:the )?(?:top )?\d+ (?:\w+ ){0,3}(?:ways|tips|things|reasons|best|tools|tricks|books|steps|questions|lessons|mistakes)\b|"
                             r"\b(?:the|our|\d+) best .+ (?:of|for|in) |^best ", re.IGNORECASE)),
    ("advert", 4.0, re.compile(r"\b(?:deals|\d+% off|coupons?|promo codes?|giveaway|we're hiring|is hiring|job (?:ads?|openings?|board)|careers|"
                               r"(?:tickets|now) on sale|on sale now|sponsor\w*|lowest price|save (?:up to )?[$€£]?\d+|black friday|prime day)\b|"
                               r"\bdiscount\b(?! brok)", re.IGNORECASE)),
    ("notice of a law firm or a market report", 4.0, re.compile(r"\bLLP\b|\b(?:investor|shareholder|breach|class action) (?:alert|notice|deadline)\b|\binvestigat\w+ (?:legal )?claims\b|\bclaims (?:being )?investigat\w+\b|\bmarket\b.*\b(?:size|share|forecasts?|CAGR|outlook|segment\w*|trends)\b", re.IGNORECASE)),
    ("award or a fair", 1.5, re.compile(r"\b(?:wins?|won|winner|named|hono[u]?red|recogni[sz]ed|finalist)\b.*\b(?:awards?|of the year|leader|quadrant)\b|\bshowcas(?:e[sd]?|ing)\b|\bexhibit(?:s|ed|ing)\b", re.IGNORECASE)),
    ("sale", 1.5, re.compile(r"\((?:crowdfunding|sponsored|ad)\)|\bkickstarter\b|\bcrowdfunding\b", re.IGNORECASE)),
    ("how-to", 1.5, re.compile(r"^(?:how (?:to|i|we|do|\w+ (?:builds?|uses?|powers?|reached))|(?:build|building|scal(?:e|ing)|accelerat(?:e|ing)|deploy(?:ing)?|"
                          r"enhanc(?:e|ing)|design(?:ing)?,?|using|creat(?:e|ing)|improv(?:e|ing)|running|run|turning|achieving|maximiz(?:e|ing)|"
                          r"validat(?:e|ing)|removing|select the|stream|simulate|optimiz(?:e|ing)|implementing|enabl(?:e|ing)|repurposing|controlling|bringing|"
                          r"making|keep|testing|diagnosing|porting|adding|writing|managing|exploring) |"
                          r"a guide|guide to|tutorial|getting started|introduction to|understanding|what is|learn|my |til\b|today i)|\bthe easy way\b|\bdiy\b", re.IGNORECASE)),
    ("podcast", 1.5, re.compile(r"^(?:#|ep\.? ?|no\.? ?)?\d{1,4}: |\bwith guest\b", re.IGNORECASE)),
    ("greeting", 1.5, re.compile(r"\b(?:happy|merry|congratulations|thank you|thanks|farewell|save the date|infographic|survey results)\b", re.IGNORECASE)),
    ("press release", 1.5, re.compile(r"\b(?:proud to|pleased to|thrilled|excited to|award-winning|leading provider|named (?:a )?leader|recognized (?:as|by))\b", re.IGNORECASE)),
    ("review or opinion", 1.5, re.compile(r"\breviews?\b|^(?:opinion|comment|editorial|analysis|letters?|ask \w+|webinar)\b|\bwhy \w+|^how .*\b(?:could|poses|may|will|changed|are)\b|"
                                     r"\bwhat .* (?:reveals?|means|tells?|learned)\b|\bshows? (?:that )?(?:the|why|how|we)\b|\b(?:should|must|lessons?|guide)\b|"
                                     r"\bwake-up call\b|\bmyth\b|\bthe case (?:for|against)\b|\bin defen[cs]e of\b|\brise and fall\b|^inside \w+ (?:mania|the)\b|"
                                     r"\bis (?:forcing|killing|ruining|eating|dead|broken)\b|\bneeds? to\b", re.IGNORECASE)),
    ("question", 1.5, re.compile(r"\?(?:\s*$| )")),
)  # fmt: skip


def unusable(item: FeedItem) -> str | None:
    """Return why an item cannot become a story, or None."""
    words = text.words(item.text[:4_000])
    path = urlsplit(item.url or "").path
    # Running English text has about 40 % function words; code, lists and other languages have hardly any.
    prose = sum(word in text.STOP_WORDS for word in words) >= 0.22 * len(words)
    faults = (
        ("no link", item.url is None),
        ("too little text", len(words) < MIN_WORDS),
        ("not English prose", not prose),
        ("no headline", len(text.words(item.title)) < 3),
        ("an advert", _PAID.search(path) or _PAID_TEXT.search(item.text[:2_000])),
        ("an opinion piece", _VIEW.search(path) or _VIEW_TEXT.match(item.text)),
    )
    return next((why for why, wrong in faults if wrong), None)


def hardly_news(item: FeedItem) -> list[tuple[float, str]]:
    """Return what makes an item less than news, in points (below zero) and words."""
    found = [(-points, f"reads like a {name}") for name, points, kind in _KINDS if kind.search(item.title)]  # fmt: skip
    if len(set(_SPEC.findall(item.title))) >= SPECS or _FEATURES.search(item.title):
        found.append((-1.0, "reads like a data sheet"))
    words = text.words(item.text[:4_000])[:_READ]
    if len(words) > 50 and sum(word in ("i", "my") for word in words) > FIRST_PERSON * len(words):
        found.append((-1.0, "written in the first person"))
    return found


def filed_as_technology(item: FeedItem) -> bool:
    """Say whether the publisher's own address puts an item under technology."""
    return bool(item.url and _TECH.search(urlsplit(item.url).path))


def is_paper(item: FeedItem) -> bool:
    """Say whether an item is a research abstract."""
    return bool(_PAPER.search(f"{item.source} {item.url}"))
