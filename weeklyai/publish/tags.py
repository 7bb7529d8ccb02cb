"""Topics: which of a small fixed list an issue is about, and a page for each tag of a post.

The list is fixed so that a reader finds a page's issues together, not one page an issue. A topic's words are matched
whole, in any case; `*` stands for the rest of a word, all else is a regular expression's.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence

from weeklyai.publish.frontmatter import quoted

MOST = 5
# fmt: off
TOPICS = {
    "Language models": "llm, llms, gpt*, chatgpt, language model*, chatbot*, claude, gemini, llama*, mistral*, transformer*, "
                       "tokenizer*, mixture of experts, self-supervised, pretrain*",
    "Open source": "open source*, open-source*, open-weight*, open weight*, open data, apache licence, apache license, "
                   "mit licence, mit license, linux, hugging face",
    "Security": "security, vulnerab*, ransomware, malware, phishing, breach*, exploit*, hacker*, attacker*, cve*, password*, "
                "passkey*, encrypt*, crowdstrike, zero-day",
    "Chips": "chip, chips, chipmaker*, chipset*, gpu*, tpu*, cpu*, processor*, semiconductor*, nvidia, amd, intel, tsmc, risc-v, wafer*",
    "Cloud": "cloud*, aws, azure, data centre*, data center*, datacenter*, kubernetes, serverless, server*",
    "Programming": "programming, compiler*, developer*, python, rust, javascript, typescript, java, golang, "
                   "code, coding, database*, browser*, api, github",
    "Research": "research*, paper*, scientist*, stud(?:y|ies), benchmark*, university, universities",
    "Policy": "policy, policies, regulat*, law, laws, lawmaker*, lawsuit*, copyright*, privacy, european union, commission, court*, antitrust, senate, "
              "congress, government*, ban, bans, banned",
    "Robotics": "robot*, drone*, autonomous, self-driving, humanoid*",
    "Startups": "startup*, start-up*, founder*, founds, venture, funding, raise[sd] [$€£\\d]*, valuation*, acquires, acquisition*, "
                "series a, series b",
    "Devices": "phone*, smartphone*, telephone*, laptop*, tablet*, headset*, wearable*, console*, gadget*",
}
# fmt: on
_WORDS = {
    topic: re.compile(
        r"(?<!\w)(?:" + words.replace(", ", "|").replace("*", r"\w*") + r")(?!\w)", re.IGNORECASE
    )
    for topic, words in TOPICS.items()
}


def choose(feature: str, news: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Return up to `MOST` topics, best first; the same for the same texts.

    A headline that names a topic counts twice, a take once, the feature's topic as much as three headlines. A topic that one
    take names in passing is left out.

    Args:
        feature: the feature's topic, or "".
        news: headline and take of each entry.
    """
    points = {
        topic: 6 * bool(words.search(feature))
        + sum(2 * bool(words.search(line)) + bool(words.search(take)) for line, take in news)
        for topic, words in _WORDS.items()
    }
    ranked = sorted(points, key=lambda topic: -points[topic])  # stable: the list's order decides
    return tuple(topic for topic in ranked[:MOST] if points[topic] > 1)


def slug(tag: str) -> str:
    """Return the tag's part of an address: ASCII `[a-z0-9-]`, never empty.

    >>> slug("Language models"), slug("C++"), slug("Café")
    ('language-models', 'c-plus-plus', 'cafe')
    """
    spelt = tag.replace("+", " plus ").replace("#", " sharp ")
    letters = unicodedata.normalize("NFKD", spelt).encode("ascii", "ignore").decode()
    found = "-".join(re.findall("[a-z0-9]+", letters.lower()))
    return found[:60].strip("-") or "t" + hashlib.sha256(tag.encode()).hexdigest()[:8]


def pages(tags: Iterable[str]) -> dict[str, str]:
    """Return the page of each tag, its path in the site as the key.

    Jekyll makes no such pages without a plugin that GitHub's builder refuses. The theme links a tag to the page that names
    it, so a page may be renamed or written by hand.

    Args:
        tags: in normal form, as an `Issue` holds them after `normal`.
    """
    return {
        f"tags/{slug(tag)}.md": (
            f"---\nlayout: tag\ntitle: {quoted(tag)}\ntag: {quoted(tag)}\npermalink: /tags/{slug(tag)}/\n---\n"
        )
        for tag in tags
    }
