"""Promises of the feature article: every sentence copied and linked, in its section, said once, or no article at all."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from weeklyai import text
from weeklyai.drafting import (  # fmt: skip
    article,
    checks,
    cues,
    initials,
    lists,
    nearest,
    novelty,
    passages,
    scope,
    themes,
    vectors,
)
from weeklyai.drafting.topics import Topic
from weeklyai.records import FeedItem, Paragraph

NOW = datetime(2024, 7, 19, tzinfo=UTC)
LEARNING = Topic("Retrieval-Augmented Generation")
SYLLABLES = "bar cor dun fen gal hob jas kel lom mir nup rof sed tiv vok zan".split()
FILLERS = [f"{a}{b}{c}" for a in SYLLABLES for b in SYLLABLES for c in ("o", "en")]
SHAPES = {
    "definition": "Retrieval-augmented generation (RAG) is a technique for {}.",
    "context": "Retrieval-augmented generation has become a widely popular way to {}.",
    "mechanism": "Retrieval-augmented generation works by retrieving {}.",
    "use": "Retrieval-augmented generation is used for tasks such as {}.",
    "limit": "Retrieval-augmented generation systems often struggle with {}.",
}


def sentence(kind: str, number: int) -> str:
    """Return a sentence of a kind; neighbours have two words in common beside the kind's own, and all have three."""
    start = 90 * list(SHAPES).index(kind) + 6 * number
    words = FILLERS[start : start + 8]
    return SHAPES[kind].format(
        f"{', '.join(words[:-1])} and {words[-1]} in long documents of readers"
    )


def item(number: int, body: str, title: str = "On retrieval", **changes: object) -> FeedItem:
    values: dict[str, object] = {
        "id": f"{number:016x}", "feed_url": "https://a.example/rss", "source": f"Journal {number}", "title": title,
        "url": f"https://a.example/{number}", "published": NOW - timedelta(days=10 + number), "date_guessed": False,
        "summary": "", "body": body,
    }  # fmt: skip
    return FeedItem(**{**values, **changes})  # type: ignore[arg-type]


def archive(kinds: Sequence[str] = tuple(SHAPES), each: int = 8) -> list[FeedItem]:
    """Return items of a sentence each, no two about the same things."""
    bodies = [sentence(kind, n) for kind in kinds for n in range(each)]
    return [item(n, body) for n, body in enumerate(bodies)]


def composed(items: Sequence[FeedItem]) -> article.Article | str:
    topic = LEARNING.with_short(one.text for one in items)
    return article.compose(topic, passages.gather(topic, items, NOW), novelty.gather(topic, items, NOW))  # fmt: skip


@pytest.fixture(scope="module")
def made() -> article.Article:
    found = composed(archive(each=14))
    assert isinstance(found, article.Article), found
    return found


# --- the article ------------------------------------------------------------------------------------------------------


def test_an_article_has_a_tldr_an_introduction_sections_and_a_conclusion(
    made: article.Article,
) -> None:
    headings = [section.heading for section in made.feature.sections]
    assert (headings[0], headings[-1]) == ("Introduction", "Conclusion")
    assert headings[1:-1] == ["How It Works", "Where It Is Used", "Open Questions"]
    assert article.LEAST <= made.num_words <= article.MOST
    assert made.feature.tldr


def test_every_sentence_is_its_source_sentence_or_parts_of_it(made: article.Article) -> None:
    for line in made.lines:
        assert line.sentence.source_text in text.sentences(line.item.text)
        assert checks.is_deletion(line.sentence.text, line.sentence.source_text)


def test_every_paragraph_ends_in_links_to_exactly_its_sources(made: article.Article) -> None:
    for section in made.feature.sections:
        for n, block in enumerate(block for block in section.blocks if isinstance(block, Paragraph)):  # fmt: skip
            lines = [one for one in made.lines if (one.heading, one.paragraph) == (section.heading, n)]  # fmt: skip
            assert set(block.sources) == {line.item.url for line in lines}


def test_no_source_lends_more_than_fifty_words(made: article.Article) -> None:
    lent = Counter[str]()
    for line in made.lines:
        lent[line.item.id] += len(line.sentence.text.split())
    assert max(lent.values()) <= 50


def test_nothing_is_said_twice(made: article.Article) -> None:
    said = [line.sentence.source_text for line in made.lines]
    assert len(said) == len(set(said))


def test_a_short_name_is_explained_before_it_is_used(made: article.Article) -> None:
    whole = " ".join(line.sentence.text for line in made.lines)
    assert whole.index("(RAG)") < whole.index(" RAG") if " RAG" in whole else True
    assert whole.count("(RAG)") == 1


def test_each_section_holds_the_part_it_is_named_after(made: article.Article) -> None:
    for line in made.lines:
        if line.heading == "Open Questions":
            assert "struggle" in line.sentence.text
        if line.heading == "How It Works":
            assert "works by" in line.sentence.text


def test_the_order_of_the_items_does_not_matter(made: article.Article) -> None:
    again = composed(archive(each=14)[::-1])
    assert isinstance(again, article.Article)
    assert again.feature == made.feature


def test_too_little_makes_no_article_and_the_reason_counts_words_by_section() -> None:
    found = composed(archive(each=2))
    assert isinstance(found, str)
    assert "500 are needed" in found
    assert "How It Works" in found
    assert isinstance(composed([]), str)


# --- what may become a passage ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        "We show that retrieval-augmented generation helps with long answers about medicine and law.",
        "In this paper, retrieval-augmented generation is studied on long answers about medicine and law.",
        "The proposed method improves retrieval-augmented generation on long answers about medicine and law.",
        "This makes retrieval-augmented generation a good choice for long answers about medicine and law.",
        "AntRAG extends retrieval-augmented generation by a second search over long answers about medicine.",
        "Retrieval-augmented generation solves such problems with long answers about medicine and law well.",
        "Experiments show that retrieval-augmented generation beats it on answers about medicine and law.",
        "Read how you can use retrieval-augmented generation for long answers about medicine and law.",
        "In the first stage, retrieval-augmented generation is used for answers about medicine and law.",
        "As a result, retrieval-augmented generation is used for answers about medicine and law.",
    ],
)
def test_a_sentence_that_hangs_on_its_own_paper_is_no_passage(said: str) -> None:
    assert passages.gather(LEARNING, [item(1, said)], NOW) == []


@pytest.mark.parametrize(
    "said",
    [
        "Masked retrieval-augmented generation gives writers of medicine more freedom in the order of words.",
        "Retrieval-augmented generation compression lowers what long answers about medicine and law cost.",
        "Retrieval-augmented generation (RAG) driving agents promise long answers about medicine and law.",
        "Retrieval-augmented generation empowered agents have become popular writers of long answers.",
        "Retrieval-augmented generation beats prompting since it draws on Automatic Letter Recognition (ALR) collections.",
    ],
)
def test_a_sentence_about_a_branch_of_the_topic_is_no_passage(said: str) -> None:
    assert passages.gather(LEARNING, [item(1, said)], NOW) == []


@pytest.mark.parametrize(
    ("said", "role"),
    [
        (
            "Retrieval-augmented generation systems typically retrieve passages before they write.",
            "mechanism",
        ),
        (
            "Retrieval-augmented generation grounds answers by searching a collection of documents.",
            "mechanism",
        ),
        (
            "Retrieval-augmented generation has improved the accuracy and efficiency of answers.",
            "context",
        ),
        ("Retrieval-augmented generation is widely used in hospitals and in legal work.", "use"),
        (
            "Retrieval-augmented generation has become popular, but its passages are chosen one by one.",
            "limit",
        ),
        (
            "Retrieval-augmented generation has emerged as a key way to answer by searching documents.",
            "mechanism",
        ),
        ("Retrieval-augmented generation has shown promise in clinical notes.", "use"),
        (
            "Retrieval-augmented generation is trained on pairs of questions and passages.",
            "mechanism",
        ),
    ],
)
def test_the_verb_behind_the_topic_tells_the_part(said: str, role: cues.Role) -> None:
    mention = LEARNING.pattern.search(said)
    assert mention
    assert cues.part(said, mention, subject=True)[0] == role


@pytest.mark.parametrize(
    ("said", "at_large"),
    [
        ("Retrieval-augmented generation has become a popular way to ground answers.", True),
        ("There is growing interest in retrieval-augmented generation among writers.", True),
        (
            "Retrieval-augmented generation is used for tasks such as translation and legal work.",
            True,
        ),
        ("Retrieval-augmented generation has shown promise in medical diagnosis.", False),
        ("Retrieval-augmented generation is promising for automatic speech writing (ASW).", False),
        ("Retrieval-augmented generation is a viable way to run Karst on small machines.", False),
        ("Writers of long texts rely on retrieval-augmented generation for their answers.", False),
    ],
)
def test_only_what_holds_at_large_opens_or_closes_an_article(said: str, *, at_large: bool) -> None:
    assert scope.general(said, LEARNING) is at_large


def test_a_sentence_is_no_passage_without_the_subject_that_its_text_is_about() -> None:
    said = "Retrieval-augmented generation systems suffer from slow search over the positions of players."
    football = (
        "Football tactics are hard to read for managers and for those who watch from the stands."
    )
    framed = item(1, f"{football} {said}", "Reading football tactics with machines")
    assert passages.gather(LEARNING, [framed], NOW) == []
    assert passages.gather(LEARNING, [item(1, said, "Reading football tactics with machines")], NOW)
    named = said.replace("positions of players", "tactics of football")
    assert passages.gather(LEARNING, [item(1, f"{football} {named}", framed.title)], NOW)


def test_a_form_of_the_topic_may_be_explained() -> None:
    said = (
        "Post-training quantization (PTQ) stores the weights of a model in fewer bits than before."
    )
    assert passages.gather(Topic("Quantisation"), [item(1, said)], NOW)


def test_a_word_that_hardly_another_item_has_speaks_against_a_passage() -> None:
    usual = [item(n, sentence("mechanism", 1)) for n in range(400)]
    odd = item(
        500, "Retrieval-augmented generation works by retrieving passages on zither strings of old."
    )
    found = {one.item.id: one.rare for one in passages.gather(LEARNING, [*usual, odd], NOW)}
    assert found[odd.id]
    assert not found[usual[0].id]


def test_what_was_new_in_an_old_text_is_not_said_again() -> None:
    body = "Recently, retrieval-augmented generation has become a popular way to answer questions about medicine."
    fresh, old = item(1, body), item(2, body, published=NOW - timedelta(days=800))
    assert passages.gather(LEARNING, [fresh], NOW)
    assert not passages.gather(LEARNING, [old], NOW)


def test_what_is_new_says_what_a_paper_proposes_and_no_result_without_it() -> None:
    title = "AntRAG: Retrieval-Augmented Generation with Ants"
    body = (
        "AntRAG thus provides retrieval with ants for long answers about medicine and law. "
        "To this end, we propose AntRAG, a generation of answers by ants that walk through documents and mark their way."
    )
    paper = item(1, body, title, url="https://arxiv.org/abs/2407.00001")
    (found,) = novelty.gather(LEARNING, [paper], NOW)
    assert found.text.startswith("The paper proposes AntRAG, a generation of answers by ants")
    loud = item(
        2,
        "We propose AntRAG, a powerful generation of answers by ants that walk through documents.",
        title,
        url=paper.url,
    )
    assert novelty.gather(LEARNING, [loud], NOW) == []
    told = article.sentence_of(found, found.places[0], found.text)
    assert told is not None
    assert told.source_text == text.sentences(body)[1]


def test_texts_that_a_model_wrote_are_no_evidence() -> None:
    body = sentence("mechanism", 1)
    assert not passages.gather(LEARNING, [item(1, body, source="Recaps [LLM-written]")], NOW)


def test_initials_with_another_meaning_are_not_the_topic() -> None:
    topic = Topic(LEARNING.name, "RAG")
    body = "Recycled acoustic glass (RAG) is heavy. RAG is a material that works by damping the sound of a room."
    assert not passages.gather(topic, [item(1, body)], NOW, near={f"{1:016x}"})
    bare = "RAG is a technique that works by retrieving documents before an answer is written."
    assert passages.gather(topic, [item(1, bare)], NOW, near={f"{1:016x}"})
    assert not passages.gather(topic, [item(1, bare)], NOW)


@pytest.mark.parametrize(("said", "role"), [(sentence(role, 1), role) for role in SHAPES])  # fmt: skip
def test_cue_words_tell_the_part_of_a_sentence(said: str, role: cues.Role) -> None:
    mention = LEARNING.pattern.search(said)
    assert mention
    assert cues.part(said, mention, subject=True)[0] == role


def test_a_cured_fault_is_no_limit() -> None:
    assert not cues.faulty("Retrieval mitigates hallucinations and reduces the cost of errors.")
    assert cues.faulty("Retrieval often fails on questions with several steps.")


# --- topics, themes, lists, names -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Mixture of Experts", "Mixtures-of-experts"),
        ("Quantisation", "quantized"),
        ("AI Agents", "an AI agent"),
        ("Self-Supervised Learning", "self supervised pre-training"),
        ("Chain-of-Thought Reasoning", "chains of thought"),
    ],
)
def test_a_topic_is_found_in_all_its_forms(name: str, found: str) -> None:
    assert Topic(name).pattern.search(found)


@pytest.mark.parametrize(
    ("name", "other"),
    [("Transformers", "a digital transformation"), ("Embeddings", "an embedded system")],
)
def test_another_word_of_the_same_stem_is_not_the_topic(name: str, other: str) -> None:
    assert Topic(name).pattern.search(name.lower().removesuffix("s"))
    assert not Topic(name).pattern.search(other)


def test_topics_are_one_where_one_name_holds_the_other() -> None:
    assert Topic("Quantisation").same_as("Quantization")
    assert Topic("Mixture of Experts").same_as("Sparse Mixture of Experts")
    assert not Topic("AI Agents").same_as("AI Safety")


def test_a_theme_is_what_the_week_has_and_the_archive_has_not() -> None:
    week = [item(n, "Text.", f"Prompt injection hits vendor number{n}") for n in range(4)]
    found = themes.strongest(week, lambda phrase: 40 if phrase == "Prompt Injection" else 4 if "Injection" in phrase else 5_000, 10_000)  # fmt: skip
    assert found[0].name == "Prompt Injection"
    assert found[0].items == 4


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("RAG has two parts: a retriever and a generator.", 2),
        ("Methods fall into two types: (1) contrastive methods, such as SimCLR; and (2) predictive methods.", 2),
        ("RAG has three parts: a retriever and a generator.", 0),
        ("RAG has one aim: to answer.", 0),
    ],
)  # fmt: skip
def test_a_list_has_as_many_entries_as_its_sentence_counts(said: str, number: int) -> None:
    found = lists.enumeration(said)
    assert len(found.entries if found else ()) == number
    if found:
        assert checks.is_deletion(" ".join((found.lead, *found.entries)), said)


def test_a_known_short_name_takes_the_place_of_its_long_form_and_no_other() -> None:
    said = "Large language models (LLMs) use retrieval (a kind of search)."
    assert initials.abbreviated(said, {"LLM"}) == "LLMs use retrieval (a kind of search)."
    assert initials.abbreviated(said, {"RAG"}) == said


# --- vectors ------------------------------------------------------------------------------------------------------------


def test_items_on_one_subject_lie_nearer_than_others() -> None:
    subjects = ("soup pot stove onion simmer", "boat mast harbour anchor wind", "violin chord tempo opera choir",
                "rifle fort siege cavalry truce", "planet orbit comet lens crater", "wheat plough barn hay orchard")  # fmt: skip
    texts = [f"{words} thing{n % 7}" for words in subjects for n in range(80)]
    found = nearest.Nearest.of([f"{n // 80}-{n}" for n in range(len(texts))], texts).around(["1-81", "1-82", "1-90"])  # fmt: skip
    assert {key[0] for key in found} == {"1"}
    assert len(found) > 40


def test_equal_texts_give_equal_vectors_and_few_give_none() -> None:
    texts = [f"word{n % 11} other{n % 5} thing{n % 3} stone" for n in range(100)]
    one, two = (vectors.learn(texts).place(texts) for _ in range(2))
    assert (one == two).all()
    assert nearest.Nearest.of(["a"], ["few words"]).around(["a"]) == {}
