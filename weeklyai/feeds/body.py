"""The body of an answer, counted as it comes off the wire and again as it is inflated.

httpx would inflate by itself, but one chunk of a bomb can be gigabytes before anybody has counted; zlib's own limit on
what one call may return is the only one that holds.
"""

import zlib
from collections.abc import AsyncIterator, Callable, Mapping

from weeklyai.feeds.messages import RefusedError

MOST_MEMBERS = (
    100  # gzip files may be strung together (RFC 1952, section 2.2); thousands are a bomb
)


async def read_into(
    body: bytearray, headers: Mapping[str, str], chunks: AsyncIterator[bytes], limit: int
) -> None:
    """Append the inflated body to `body`, which holds what came also where the connection breaks off.

    Args:
        body: empty at first.
        headers: of the answer, names in lower case.
        chunks: the raw body.
        limit: bytes, on the wire and inflated.

    Raises:
        RefusedError: "too-large" or "bad-encoding".
    """
    announced = headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > limit:
        raise RefusedError("too-large")
    inflate = _inflater(headers.get("content-encoding", "identity").lower().strip())
    wire = 0
    async for chunk in chunks:
        wire += len(chunk)
        try:
            body += inflate(chunk, limit + 1 - len(body))
        except zlib.error:
            raise RefusedError("bad-encoding") from None
        if len(body) > limit or wire > limit:
            raise RefusedError("too-large")


def _inflater(encoding: str) -> Callable[[bytes, int], bytes]:
    """Return a function that decodes a chunk into at most so many bytes.

    Raises:
        RefusedError: "bad-encoding", for one that was not asked for or one inside another.
    """
    if encoding in ("", "identity"):
        return lambda chunk, _: chunk
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise RefusedError("bad-encoding")
    return _Members(raw_allowed=encoding == "deflate")


class _Members:
    """Inflates gzip members one after the other, or one zlib stream; "deflate" also bare (RFC 9110, section 8.4.1.2)."""

    def __init__(self, *, raw_allowed: bool) -> None:
        self.decoder = zlib.decompressobj(wbits=47)  # gzip or zlib, told apart by the header
        self.raw_allowed, self.began, self.members = raw_allowed, False, 1

    def __call__(self, chunk: bytes, most: int) -> bytes:
        found = b""
        while chunk and len(found) < most:
            if self.decoder.eof:
                if not chunk.startswith(b"\x1f\x8b") or self.members >= MOST_MEMBERS:
                    return found  # padding behind the end, which servers do send
                self.decoder, self.members = zlib.decompressobj(wbits=31), self.members + 1
            found += self._inflate(chunk, most - len(found))
            chunk = self.decoder.unused_data
        return found

    def _inflate(self, chunk: bytes, most: int) -> bytes:
        try:
            found = self.decoder.decompress(chunk, max(1, most))
        except zlib.error:
            if self.began or not self.raw_allowed:
                raise
            self.decoder = zlib.decompressobj(wbits=-15)
            found = self.decoder.decompress(chunk, max(1, most))
        self.began = True
        return found
