"""The hostile cases, one by one and all in one round: each has its outcome, and good feeds beside it never suffer."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.feeds import fifty, server
from weeklyai import config
from weeklyai.feeds import poll
from weeklyai.feeds.archive import Archive
from weeklyai.feeds.health import FeedHealth
from weeklyai.feeds.opml import Subscription

NOW = datetime(2024, 7, 20, tzinfo=UTC)
LOCAL = config.Feeds(allow_private=True, deadline_seconds=2)
CASES = (*fifty.TRANSPORT, *fifty.CONTENT)
GOOD_URL = "/good"


def scripts(cases: tuple[fifty.Case, ...]) -> dict[str, server.Answer]:
    """Return the paths of a server that gives the answers of `cases`, and one good feed."""
    answers = {f"/{n}": case.answer for n, case in enumerate(cases)}
    return {**answers, **fifty.MORE, GOOD_URL: server.page(fifty.GOOD)}


def check(case: fifty.Case, health: FeedHealth) -> None:
    """Assert that a feed fared as its case says; "?" stands for a death or a survival, both are fine."""
    if case.reason == "?":
        assert health.reason in ("", "partial", "parse-timeout", "parse-failed")
        return
    assert (health.reason, health.status) == (case.reason, case.status)
    assert health.found >= case.found
    assert set(case.notes) <= set(health.notes)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.number} {case.name}")
def test_a_hostile_feed_has_its_reason_and_harms_no_other(case: fifty.Case, tmp_path: Path) -> None:
    with server.serve(scripts((case,))) as site, Archive(tmp_path / "a.sqlite") as archive:
        feeds = [Subscription(site.url("/0")), Subscription(site.url(GOOD_URL))]
        bad, good = poll.poll(archive, feeds, LOCAL, NOW)

    check(case, bad)
    assert (good.status, good.found) == ("ok", 2)
    assert not any("evil" in path for path, _ in site.requests)


def test_all_hostile_feeds_in_one_round_leave_the_good_ones_whole(tmp_path: Path) -> None:
    answers = scripts(CASES)
    good = {
        f"/good{n}": server.page(fifty.rss(fifty.plain_items(20, 1000 * n))) for n in range(1, 11)
    }
    with server.serve({**answers, **good}) as site, Archive(tmp_path / "a.sqlite") as archive:
        paths = [*(f"/{n}" for n in range(len(CASES))), *good]
        # Fifty bad feeds on one host wait for each other's turns there, so the deadline is a wider one.
        found = poll.poll(archive, [Subscription(site.url(path)) for path in paths], LOCAL, NOW)

    for case, health in zip(CASES, found, strict=False):
        check(case, health)
    assert [(health.status, health.new) for health in found[len(CASES) :]] == [("ok", 20)] * 10
