"""Promises about a week's news: no feed floods it, and a date that was guessed proves nothing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.conftest import make_item
from weeklyai import config
from weeklyai.dates import Week
from weeklyai.drafting import select
from weeklyai.drafting.wishes import Wishes
from weeklyai.feeds.archive import Archive
from weeklyai.weeks import news_of

END = datetime(2024, 7, 19, 20, tzinfo=UTC)


def site(folder: Path, most: int) -> config.Settings:
    """Return the settings of a site that publishes on Friday at 20:00 UTC."""
    about = "https://t.example/about"
    return config.Settings(
        folder=folder,
        site=config.Site(title="T", url="https://t.example", desk_url=about),
        feeds=config.Feeds(max_per_week=most),
    )


def test_a_feed_that_dates_its_past_into_this_week_brings_what_is_on_topic_and_newest(
    tmp_path: Path,
) -> None:
    settings = site(tmp_path, 7)
    flood = [
        make_item(n, published=END - timedelta(hours=n), feed_url="https://flood.example/")
        for n in range(150)
    ]
    calm = [
        make_item(n, published=END - timedelta(hours=n), feed_url="https://calm.example/")
        for n in range(200, 205)
    ]
    with Archive(settings.archive) as archive:
        archive.add([*flood, *calm], END)
        news = news_of(archive, settings, Week(2024, 29)).items
        kept = archive.counts().items

    assert kept == 155
    wishes = Wishes.of(settings.post)
    fitting = sorted(flood, key=lambda item: (select.on_topic(item, wishes), item.published))[-7:]
    brought = [item for item in news if item.feed_url == "https://flood.example/"]
    assert brought == sorted(fitting, key=lambda item: item.published)
    # Items from before the window are of another week.
    in_window = [item for item in calm if item.published > END - timedelta(days=7)]
    assert [item for item in news if item.feed_url == "https://calm.example/"] == in_window[::-1]


def test_what_has_no_date_and_what_lies_ahead_is_no_news_of_the_week(tmp_path: Path) -> None:
    settings = site(tmp_path, 100)
    guessed = make_item(1, published=END - timedelta(hours=1), date_guessed=True)
    ahead = make_item(2, published=END + timedelta(days=3))
    good = make_item(3, published=END)
    with Archive(settings.archive) as archive:
        archive.add([guessed, ahead, good], END)

        assert news_of(archive, settings, Week(2024, 29)).items == [good]
        assert news_of(archive, settings, Week(2024, 30)).items == [ahead]
