"""Where a report's text really begins: behind the headline and summary that some feeds run into its first sentence.

Of "China issues a warning Agency tells of risks China's agency on Tuesday issued ..." only the last part is the report. The
headline is known. Where the summary ends, nothing marks but a word written large: there the model says how likely a full stop
would be. On two weeks of one feed it decided 104 times, 103 of them rightly; where it is in doubt the sentence stays as it is.
"""

import re
from collections import Counter
from collections.abc import Sequence

from weeklyai import text
from weeklyai.drafting.writer import Writer
from weeklyai.records import FeedItem

BEFORE = 40  # characters that a label may have before the headline ("Opinion | ")
LEAST = 5, 7  # words of a summary, and of the sentence behind it
# In nats: a stop has to be so likely, and so much likelier than anywhere else; a little less before a word that opens sentences.
# Where none is likelier than `NEVER`, there is no summary. Within one name ("gains Midea Group, the owner") the first word wins
# unless a later one is clearly likelier.
LIKELY, BEFORE_OPENER, WITHIN, NEVER = (-2.2, 1.0), (-3.5, 2.5), 0.5, -6.0
_OPENER = r"[“‘]|(?:The|An?|In|At|On|As|For|It|This|Both|When|While|After|Speaking|According|Most|Many|More)\b"
# Behind a word written small or a quotation; behind a name or number only before a word that opens sentences ("Nemotron 3 Nano").
_BORDER = re.compile(
    r"(?:(?<![\w’'-])([a-z][\w’'-]*)|[”’\"%)\]]) (?=[A-Z“‘\"](?!(?:on|ues|ednes|hurs|ri|atur|un)day))|"
    rf"\w (?={_OPENER})"
)
# What no summary ends with: words that want another one, and roles that stand before a name.
_GOES_ON = text.STOP_WORDS | frozenset(
    "amid mainland president leader minister chief head founder giant start-up startup maker developer analyst professor actor singer lawmaker "
    "secretary spokesman spokeswoman spokesperson chairman chairwoman governor judge director former agency newspaper".split()
)
# A time to read stands between the summary and the report, with the number of comments and who wrote it where.
_LARGE = re.compile(r"(?<![\w’'-])([a-z]{3,}) ([A-Z][a-z]{2,})(?= [a-z]{3,} [a-z])")
_LABEL = re.compile(
    # Where a news agency sends its report from, with its name and perhaps the day.
    r"^[A-Z][A-Z .’'-]{2,30}(?:, [A-Z][A-Za-z.]+)*(?:, [A-Z][a-z]{2,8}\.? \d{1,2}(?:, \d{4})?)? ?(?:--)?\((?:[A-Z]+ (?:WIRE|NEWSWIRE)|PRNewswire|AP|AFP|APP|PTI|ANI|IANS|UPI|Reuters|Xinhua|Yonhap|Bernama|dpa|EFE|Kyodo)\) ?(?:--|–|—|-|:)+ ?(?=[A-Z“‘\"])|"
    r"^(?:Key (?:[Tt]akeaways|[Pp]oints)|Highlights|In [Bb]rief) (?=[A-Z][a-z]* ?[A-Za-z])|"
    r"^(?:.*?\d-MIN READ(?:\d-MIN)?(?: \d+)?(?: Listen)?(?: (?:[A-Z][\w.’-]+ ){1,3}?[A-Z][\w’-]+in (?:Hong Kong|New York|[A-Z][a-z]+))?|(?i:advertisement)) (?=[A-Z“‘\"])"
)


def sentences(item: FeedItem, writer: Writer) -> list[str]:
    """Return the sentences of an item without headline, summary and labels run into them; as many as `text.sentences`."""
    found = [_LABEL.sub("", one) for one in text.sentences(item.text)]
    place, rest = _behind(found, item)
    lead = _lead(rest, item.title, writer) if rest else None
    if lead is not None:
        found[place] = lead
    return found


def run_in(sentence: str, item: FeedItem) -> bool:
    """Say whether a heading without a stop stands before a sentence: "Inference in finance Deep networks are used ...".

    The first word behind it is written large, and the rest of the text writes it small.
    """
    found = [match[2] for match in _LARGE.finditer(sentence) if match[1] not in text.STOP_WORDS]
    if not found:
        return False
    small = set(re.findall(r"(?<=[\w,] )[a-z]+\b", item.text))
    large = Counter(re.findall(r"(?<=[\w,] )[A-Z][a-z]+\b", item.text))
    return any(word.lower() in small and large[word] == 1 for word in found)


def verbatim(sentence: str, item: FeedItem) -> bool:
    """Say whether `sentence` stands in the item word for word: a whole sentence, or what ends the one run into the headline.

    A full stop at its end aside, which one-line summaries lack.
    """
    whole = text.sentences(item.text)
    known = [_LABEL.sub("", one) for one in whole]
    _, rest = _behind(known, item)
    said = {sentence, sentence.removesuffix(".")}
    return not said.isdisjoint((*whole, *known)) or any(f" {rest}".endswith(f" {one}") for one in said)  # fmt: skip


def _behind(found: Sequence[str], item: FeedItem) -> tuple[int, str]:
    """Return which sentence the headline was run into, and what stands in it behind the headline; "" where there is none."""
    head = text.sentences(item.title)
    last = len(head) - 1
    alone = item.text.startswith(f"{item.title}\n")
    if not head or alone or len(found) < len(head) or list(found[:last]) != head[:last]:
        return 0, ""
    place = found[last].find(head[last])
    if not 0 <= place <= (0 if last else BEFORE):
        return 0, ""
    rest = found[last][place + len(head[last]) :].strip()
    if not rest and item.title.endswith((".", "?", "!")) and last + 1 < len(found):
        return last + 1, found[last + 1]
    return last, rest if re.match(r"[A-Z“‘\"]", rest) else ""


def _lead(rest: str, title: str, writer: Writer) -> str | None:
    """Return what follows the summary at the start of `rest`, `rest` where it has none, or None where nobody can tell."""
    ends = {m.end() for m in _BORDER.finditer(rest) if m[1] not in _GOES_ON}
    # A report likes to begin with the name that its headline begins with, whatever stands before it.
    named = re.finditer(rf"([\w’'-]+) (?={re.escape(title.split(maxsplit=1)[0])}\b)", rest)
    ends |= {m.end() for m in named if m[1] not in _GOES_ON}
    # "told not to install OpenClaw": an infinitive wants its object.
    borders = sorted(
        end for end in ends if _parts(rest, end) and not re.search(r"\bto [a-z]+ $", rest[:end])
    )
    if not borders:
        return rest
    if not writer.model_id:
        return None
    nats = writer.stops([f"{rest[:end].strip()}." for end in borders])
    likeliest = max(range(len(borders)), key=lambda n: nats[n])
    first = likeliest
    while first and len(rest[borders[first - 1] : borders[first]].split()) == 1:
        first -= 1
    chosen = next(n for n in range(first, likeliest + 1) if nats[n] > nats[likeliest] - WITHIN)
    elsewhere = [one for n, one in enumerate(nats) if not first <= n <= likeliest]
    if nats[likeliest] < NEVER:
        return rest
    lead = nats[likeliest] - max(elsewhere, default=NEVER)
    behind = rest[borders[chosen] :]
    limits = (LIKELY, BEFORE_OPENER) if re.match(_OPENER, behind) else (LIKELY,)
    sure = any(nats[chosen] >= least and lead >= more for least, more in limits)
    return behind if sure else None


def _parts(rest: str, end: int) -> bool:
    """Say whether both sides of a border are long enough for a summary and a sentence."""
    return len(rest[:end].split()) >= LEAST[0] and len(rest[end:].split()) >= LEAST[1]
