"""Hostile texts and whole issues: for hypothesis, and by seed for the builds with Jekyll."""

import random
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import strategies as st

from weeklyai.dates import Week
from weeklyai.publish.normal import feature, normal
from weeklyai.publish.plain import tidy
from weeklyai.records import (
    Block,
    Bullets,
    Feature,
    Inline,
    Issue,
    NewsItem,
    NumberedItem,
    Numbers,
    Paragraph,
    Section,
    Span,
    Subheading,
)

# Liquid, kramdown, GFM, python-markdown, YAML, HTML, and the marks of the post format itself.
ATOMS = tuple(
    """{{ }} {% %} {%- raw endraw {{x|nope}} {%if {%include {{site.title}} {: {::nomarkdown} {::comment} {:toc} {#id}
    {:.a | || |-| |---| [ ] [x] [^1] [^1]: [id]: [x](javascript:alert(1)) ](http://evil.example) ![ ![x](y) *[HTML]:
    ( ) < > <b> </b> <script> <!-- --> <div <img/src=x> <T> & &amp; &lt; &#123; &nbsp; &copy * ** *** _ __ ___ *a* _b_
    __init__ **kwargs snake_case ` `` ``` `c` ~ ~~ ~~~ $ $$ $$x$$ \\ \\\\ \\* \\] \\n C:\\new\\*dir ^ ^^ # ## C# + - -- --- ... ! !!! : ::
    = === ; . .. , ? / // @ % %7B 1. 2024. 10. ٣. 1) " ' “ ” ‘ ’ « << >> http://x.example https://e.example/a_b_c
    <https://e.example> TL;DR: Lead: 0 7 a b word Word é naïve 日本語 שלום 🚀 👩‍👩‍👧 ﷽ â€™ Ã© – — … ABBR x^2 2*3*4 a|b
    markdown=1 endcomment nofilter "quoted" <!DOCTYPE ]]> <![CDATA[ -> => ==x== ++x++ :smile: @user #12 x: y""".split()
)


def mixture(rng: random.Random, most: int = 6) -> str:
    """Return a tidy, not empty mixture of atoms, parted by nothing or a space."""
    text = ""
    while not text:
        parts = (
            rng.choice(ATOMS) + rng.choice(("", " ", " ")) for _ in range(rng.randint(1, most))
        )
        text = tidy("".join(parts))
    return text


texts = (
    st.lists(
        st.one_of(st.sampled_from(ATOMS), st.just(" "), st.text(max_size=6)), min_size=1, max_size=8
    )
    .map(lambda parts: tidy("".join(parts)))
    .filter(bool)
)
addresses = st.builds(
    lambda host, rest: f"https://{host}.example/{rest}",
    st.sampled_from(["news", "a-b", "bücher", "x.y:8080"]).map(
        lambda host: host.replace(":8080", "")
    ),
    st.text("aZ09-._~:/?#@!$&'()*+,;=%|[]{}\\\"^`é🚀<>", max_size=12),
)
spans = st.builds(
    lambda text, style, url: Span(text, style, url if style == "link" else ""),
    st.one_of(texts, st.sampled_from([" ", "! ", "x!", "1", "2", "Lead:", "**", "code()"])),
    st.sampled_from(["plain", "plain", "plain", "emphasis", "strong", "code", "link"]),
    addresses,
)
inlines: st.SearchStrategy[Inline] = st.lists(spans, min_size=1, max_size=5).map(
    # A word at the end keeps a run of blanks from being empty once it is tidy.
    lambda found: tuple(found) if any(tidy(span.text) for span in found) else (*found, Span("x"))
)
numbered_items = st.builds(
    NumberedItem,
    inlines,
    st.one_of(st.just(""), texts),
    st.lists(inlines, max_size=2).map(tuple),
)
blocks: st.SearchStrategy[Block] = st.one_of(
    st.builds(Paragraph, inlines, st.lists(addresses, max_size=2).map(tuple)),
    st.builds(Bullets, st.lists(inlines, min_size=1, max_size=3).map(tuple)),
    st.builds(Numbers, st.lists(numbered_items, min_size=1, max_size=3).map(tuple)),
    st.builds(Subheading, texts),
)


def sections(heading: st.SearchStrategy[str]) -> st.SearchStrategy[Section]:
    """Return sections under one of the headings."""
    return st.builds(Section, heading, st.lists(blocks, max_size=3).map(tuple))


features = st.builds(
    lambda topic, tldr, first, between, last: feature(
        Feature(topic, tldr, (first, *between, last))
    ),
    texts.filter(lambda text: text != "Tech News"),
    inlines,
    sections(st.just("Introduction")),
    st.lists(sections(texts), min_size=1, max_size=2),
    sections(st.just("Conclusion")),
)
further = st.lists(st.tuples(texts, addresses), max_size=2).map(tuple)
news_items = st.builds(NewsItem, texts, addresses, texts, addresses, texts, further)
corrections = texts.map(lambda text: f"Corrected on 2 May 2031: {text}")
dates = st.builds(
    lambda moment, minutes: moment.astimezone(timezone(timedelta(minutes=minutes))),
    st.integers(0, 3_000_000_000).map(
        lambda second: datetime(1990, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
    ),
    st.integers(-14 * 60, 14 * 60),
)


@st.composite
def issues(draw: st.DrawFn) -> Issue:
    """Return normal issues that the format can hold."""
    article = draw(st.one_of(st.none(), features))
    date = draw(dates)
    drafted_by = draw(st.one_of(st.just(""), texts))
    return normal(
        Issue(
            week=Week.of(date),
            topic=article.topic if article else draw(texts),
            date=date,
            description=draw(
                st.one_of(st.just(""), texts.map(lambda text: (text + " word" * 12)[:60].strip()))
            ),
            drafted_by=drafted_by,
            feature=article,
            pulse=draw(texts),
            intro=draw(texts),
            news=tuple(draw(st.lists(news_items, min_size=2, max_size=3))),
            closing=draw(texts if drafted_by else st.one_of(st.just(""), texts)),
            corrections=tuple(draw(st.lists(corrections, max_size=2))),
            tags=tuple(draw(st.lists(texts, max_size=3))),
        )
    )
