"""The main text of an HTML page, through trafilatura. Runs in a worker: pages are as hostile as feeds."""

from weeklyai import text
from weeklyai.feeds.parse import MAX_BODY


def available() -> bool:
    """Say whether trafilatura is installed (`pip install 'weeklyai[fulltext]'`)."""
    try:
        import trafilatura  # noqa: F401, PLC0415
    except ImportError:
        return False
    return True


def extract(page: bytes) -> str:
    r"""Return the paragraphs of the page's article, parted by "\n\n", or "" where there is none."""
    import trafilatura  # noqa: PLC0415 -- an optional dependency, and a slow one to import

    found = trafilatura.extract(
        page, include_comments=False, include_tables=False, favor_precision=True, deduplicate=False
    )
    return text.clean_paragraphs((found or "").replace("\n", "\n\n"))[:MAX_BODY]
