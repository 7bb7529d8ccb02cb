"""What is asked of a server and what came of it."""

import time
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Literal

LONGEST_WAIT = 7 * 24 * 3600.0  # seconds; the next weekly run asks again in any case


@dataclass(frozen=True, slots=True)
class Request:
    """An address to get.

    Attributes:
        url: absolute.
        etag: of the last good answer (RFC 9110, section 13).
        last_modified: of the last good answer.
        kind: "feed", "page", or "link", of which only status and final address are wanted.
    """

    url: str
    etag: str = ""
    last_modified: str = ""
    kind: Literal["feed", "page", "link"] = "feed"


@dataclass(frozen=True, slots=True)
class Response:
    """What came of a request.

    Attributes:
        url: as asked for.
        final_url: after redirects.
        status: of the last answer, 0 where there was none.
        reason: "" when all went well (200 or 304), else a code such as "timeout", "too-large", "http-404".
        body: inflated bytes; with the reason "truncated", those that came.
        content_type: as sent.
        etag: as sent.
        last_modified: as sent.
        moved: the new address when the server said "moved permanently".
        seconds: wall time.
        retry_after: seconds the server asks to wait (RFC 9110, section 10.2.3), 0 to seven days.
    """

    url: str
    final_url: str = ""
    status: int = 0
    reason: str = ""
    body: bytes = b""
    content_type: str = ""
    etag: str = ""
    last_modified: str = ""
    moved: str = ""
    seconds: float = 0.0
    retry_after: float = 0.0


class RefusedError(Exception):
    """A request ended by one of our limits, or by a server's fault.

    Args:
        reason: the reason code.
        status: of the answer, 0 where there was none.
        retry_after: seconds that the server asks to be left alone.
    """

    def __init__(self, reason: str, status: int = 0, retry_after: float = 0.0) -> None:
        super().__init__(reason)
        self.reason, self.status, self.retry_after = reason, status, retry_after

    def response(self, request: Request) -> Response:
        """Return the response that tells of this refusal."""
        return Response(
            request.url, status=self.status, reason=self.reason, retry_after=self.retry_after
        )


def retry_after(value: str) -> float:
    """Return the seconds a Retry-After header asks for, 0 where it says nothing one can use."""
    if value.strip().isdecimal():
        return min(float(value), LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError):
        return 0.0
    seconds = moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() - time.time()
    return min(max(seconds, 0.0), LONGEST_WAIT)
