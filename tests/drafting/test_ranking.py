"""Promises about what weighs in a story, and about what is no story."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.conftest import make_item
from weeklyai import config
from weeklyai.drafting import kinds, select
from weeklyai.records import FeedItem, Story

BODY = (
    "The people of Quern have talked about it in the market for days, and the council will meet on Monday evening. "
    "What comes of it nobody knows, but the keeper of the lighthouse has said that the lamps stay on in any case."
)


def item(number: int, title: str, body: str = BODY, **changes: object) -> FeedItem:
    base = make_item(number)
    values: dict[str, object] = {"source": f"Paper {number}", "feed_url": f"https://{number}.example/rss", "summary": "",
              "url": f"https://{number}.example/{number}", "published": make_item(1).published}  # fmt: skip
    # No two bodies share much but their function words.
    own = " ".join(f"{word}{number}" for word in base.title.split())
    return make_item(number, **{**values, "title": title, "body": f"{body} It is about {own}.", **changes})  # fmt: skip


def score(title: str, **changes: str) -> float:
    return select.rank([item(2, title, **changes)])[0].score


def story_of(title: str, stories: list[Story]) -> Story:
    return next(one for one in stories if title in {i.title for i in (one.lead, *one.others)})


@pytest.mark.parametrize(
    ("weighty", "light"),
    [
        ("Regulator bans Google from selling Android phones", "Google announces an Android phone"),
        ("Meta to cut 16,000 jobs as models write its code", "Meta announces a model that writes code"),
        ("Nvidia buys chip maker Karst", "Nvidia describes a chip by Karst"),
        ("KiCad 10 released with a new editor", "KiCad 9.2.1 with a new editor"),
        ("Karst halts sale of its language model", "Karst delivers high performance with its language model"),
        ("Tern ships an AI board", "Tern T7 AI board with 64-bit CPU, 8GB RAM, 802.15.4, and 2.5GbE"),
        ("Tern ships an AI board", "Tern ships an AI board (Crowdfunding)"),
    ],
)  # fmt: skip
def test_grave_events_and_known_names_weigh_more(weighty: str, light: str) -> None:
    assert score(weighty) > score(light)


def test_a_firms_name_over_its_own_post_adds_nothing() -> None:
    title = "NVIDIA describes an inference server"
    assert score(title) > score(title, source="NVIDIA Blog")


def test_other_words_for_one_event_are_one_story_with_two_sources() -> None:
    one = item(3, "Google Unveils New Process for Unverified Android Apps",
               "Google makes it harder to install Android apps from outside its store: a sideload of an unsigned APK needs an "
               "advanced flow with a wait of a day, or a developer who is verified by Google.")  # fmt: skip
    two = item(4, "Certified Android phones will not let users sideload APK apps any more",
               "A sideload of APK files on certified Android phones will need a verified developer or an advanced flow, says "
               "Google, and power users of apps from other stores have to wait a day.")  # fmt: skip
    stories = select.rank([one, two, *map(make_item, range(20, 44))])
    assert "2 sources" in story_of(one.title, stories).reasons
    assert story_of(one.title, stories) == story_of(two.title, stories)


def test_one_name_with_one_version_brings_reports_together_and_another_version_does_not() -> None:
    reports = [
        item(3, "Welcome Wren 4, a model for phones", "Wren 4 is a multimodal model for phones that anyone may use."),
        item(4, "Small devices run models: now with Wren 4", "Wren 4 runs on phones; the multimodal model is free to use."),
        item(5, "Heron 7 speeds up the browser", "Heron 7 draws pages in half the time, the team in Bergen measured."),
    ]  # fmt: skip
    stories = select.rank([*reports, *map(make_item, range(20, 44))])
    assert story_of(reports[0].title, stories) == story_of(reports[1].title, stories)
    assert story_of(reports[2].title, stories).others == ()


def test_a_paper_confirms_no_report() -> None:
    title = "Karst measures language models with KarstBench 2"
    alone = select.rank([item(3, title)])[0]
    both = select.rank([item(3, title), item(4, title + " again", source="arXiv cs.AI")])[0]
    assert not any("sources" in why for why in both.reasons)
    assert both.score == pytest.approx(alone.score, abs=0.3)


def test_what_the_week_speaks_of_rises_and_each_further_story_on_it_yields() -> None:
    plans = ("Bergen bans Pulpo, an AI agent", "Oslo warns of the AI agent Pulpo", "Schools try Pulpo, the AI agent",
             "Banks keep Pulpo out, an AI agent", "An AI agent: Pulpo in the hospital")  # fmt: skip
    about = [item(n, title, f"Here they let Pulpo work. {make_item(n * 5).body}") for n, title in enumerate(plans, 3)]  # fmt: skip
    other = item(30, "Bergen bans Kestrel, an AI agent", "Kestrel is a new agent of one firm in the town of Bergen, and it is not liked.")  # fmt: skip
    stories = select.rank([*about, other])
    assert stories[0].lead in about
    assert any("items speak of Pulpo" in why for why in stories[0].reasons)
    later = [story for story in stories[1:] if "Pulpo" in story.lead.title]
    assert later
    assert all(any("above it on Pulpo" in why for why in story.reasons) for story in later)


def test_breaches_yield_to_one_another_and_notices_of_law_firms_sink() -> None:
    titles = (
        "Nimbus confirms a data breach",
        "Karst hit by ransomware",
        "Petal maps leaked in hack",
    )
    items = [make_item(n, title=title, source=f"Times {n}") for n, title in enumerate(titles)]
    ranked = select.rank(items)
    assert "2 above it on breaches and attacks" in ranked[2].reasons
    notice = make_item(9, title="Data breach alert: Moss LLP investigates claims against Nimbus")
    assert any("law firm" in why for _, why in kinds.hardly_news(notice))


def test_trusted_publishers_come_earlier_and_doubted_ones_later() -> None:
    wishes = select.Wishes.of(config.Post(trusted=("paper 5",), doubted=("https://3.example/*",)))
    plain = select.rank([item(3, "Karst ships a compiler")])[0]
    doubted = select.rank([item(3, "Karst ships a compiler")], wishes)[0]
    trusted = select.rank([item(5, "Karst ships a compiler")], wishes)[0]
    assert doubted.score < plain.score < trusted.score
    assert "a doubted publisher" in doubted.reasons
    assert "a trusted publisher" in trusted.reasons


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"url": "https://n.example/presented/news/article/1"}, "an advert"),
        ({"url": "https://n.example/deals/best-laptop"}, "an advert"),
        ({"url": "https://n.example/tech/acme-promo-codes"}, "an advert"),
        ({"url": "https://n.example/opinion/world-opinion/article/1"}, "an opinion piece"),
        ({"url": "https://n.example/china-opinion/article/1"}, "an opinion piece"),
        ({"url": "https://n.example/commentisfree/1"}, "an opinion piece"),
        ({"body": "OpinionFrenzy over models. " + BODY}, "an opinion piece"),
        ({"body": "Opinions on the models differ in Quern. " + BODY}, None),
        ({"url": "https://n.example/2024/07/big-deal-for-karst"}, None),
        ({"url": "https://n.example/news/column-of-smoke"}, None),
    ],
)
def test_paid_and_opinion_pieces_are_no_stories(changes: dict[str, object], why: str | None) -> None:  # fmt: skip
    odd = replace(item(3, "Karst ships a language model"), **changes)  # type: ignore[arg-type]
    assert kinds.unusable(odd) == why


def test_recent_news_comes_first_among_equals() -> None:
    old = item(3, "Karst ships a language model in Bergen")
    new = item(4, "Tern ships a language model in Oslo")
    new = replace(new, published=old.published + timedelta(days=5))
    assert select.rank([old, new])[0].lead == new


@pytest.mark.parametrize(
    ("days", "said"),
    [(0, "among the newest"), (1, "1 day before the newest item"), (3, "3 days before the newest item")],
)  # fmt: skip
def test_a_storys_age_is_said_in_plain_english(days: int, said: str) -> None:
    newest, older = item(1, "Karst ships a compiler"), item(2, "Pulpo opens a harbour")
    older = replace(older, published=newest.published - timedelta(days=days))
    assert said in story_of(older.title, select.rank([newest, older])).reasons
