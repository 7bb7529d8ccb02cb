"""Which item an entry is: the same address, the same item, however it is decorated.

`canonical` gives the address that is stored and linked: only what is known to name a campaign is taken off it.
`identity` goes further, as nobody ever follows it: mobile and AMP forms, the scheme, "www." and the order of a query make
no difference to it.
"""

import hashlib
import re
from collections.abc import Callable
from datetime import datetime
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urljoin, urlsplit, urlunsplit

# Parameters that say where a reader came from and never what is shown.
_TRACKING = re.compile(
    r"^(?:utm_\w+|fbclid|gclid|dclid|msclkid|yclid|twclid|mc_[ce]id|mkt_tok|_hs(?:enc|mi)|ref_src|igshid|cmpid|ncid|"
    r"ns_(?:mchannel|source|campaign|linkname|fee)|at_(?:medium|campaign|custom\d)|ftag|wt_mc|sc_cid|cmp|ocid|smid|smtyp|"
    r"guccounter|guce_\w+|s_cid|spm|xtor|_branch_match_id|source_rss|rss_?id|feedsource)$",
    re.IGNORECASE,
)
# Redirectors that carry their target in a parameter.
_CARRIERS = {
    "www.google.com/url": ("url", "q"),
    "google.com/url": ("url", "q"),
    "l.facebook.com/l.php": ("u",),
    "out.reddit.com/": ("url",),
    "www.youtube.com/redirect": ("q",),
    "slack-redir.net/link": ("url",),
    "getpocket.com/redirect": ("url",),
}
_AMP_CACHE = re.compile(
    r"^(?:https?://www\.google\.[a-z.]+/amp/|https?://[\w-]+\.cdn\.ampproject\.org/[vc]/)(s/)?"
)
_AMP_NAMES = ("amp", "outputType", "output")


def canonical(link: str, base: str) -> str | None:
    """Return `link` as an absolute http(s) address without tracking parameters and fragment, or None.

    Args:
        link: as the feed wrote it.
        base: what a relative link is relative to (RFC 3986, section 5).
    """
    compact = re.sub(r"[\x00-\x20\x7f]+", "", link)
    if not compact:
        return None
    try:
        compact.encode()  # a lone surrogate is no character, so this is no address
        address = _unwrapped(urljoin(base, compact))
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
            return None
        query = _query(parts.query, lambda name, _: not _TRACKING.match(name))
        host = _host(parts)
    except ValueError:
        return None
    keep_fragment = parts.fragment if parts.fragment.startswith("!") else ""
    return urlunsplit((parts.scheme, host, parts.path or "/", query, keep_fragment))


def identity(
    url: str | None, feed_url: str, title: str, published: datetime | None, guid: str
) -> str:
    """Return the id of an item, 16 hex digits: of its address, else of title and date in its feed.

    A guid counts only where there is neither address nor date: publishers repeat one over all items, or make up new
    ones at every request.
    """
    if url:
        key = _bare(url)
    elif published:
        key = f"{feed_url}\n{title}\n{published}"
    else:
        key = f"{feed_url}\n{title}\n{guid}"
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:16]


def _unwrapped(address: str) -> str:
    """Return where a redirector that names its target, or an AMP cache, leads."""
    amp = _AMP_CACHE.match(address)
    if amp:
        return f"http{'s' if amp[1] else ''}://{address[amp.end() :]}"
    parts = urlsplit(address)
    names = _CARRIERS.get(f"{parts.netloc.lower()}{parts.path}", ())
    carried = dict(parse_qsl(parts.query)) if names else {}
    target = next((carried[name] for name in names if name in carried), "")
    return target if target.startswith(("http://", "https://")) else address


def _bare(url: str) -> str:
    """Return the part of a canonical address that tells one page from another."""
    parts = urlsplit(url)
    host = re.sub(r"^(?:www\.|m\.|mobile\.|amp\.)+", "", parts.netloc.lower())
    host = host.replace(".m.wikipedia.org", ".wikipedia.org")
    path = re.sub(r"/(?:index|default)\.(?:html?|php|aspx?)$", "/", unquote(parts.path))
    path = re.sub(r"(?:/amp|\.amp)(?=/?$|\.html$)", "", path)
    path = re.sub(r"^/amp(?=/.)", "", path).rstrip("/")
    query = _query(
        parts.query,
        lambda name, value: name not in _AMP_NAMES or value not in ("", "1", "amp", "true"),
    )
    query = "&".join(sorted(query.split("&")))
    return f"{host}{path}" + (f"?{query}" if query else "") + parts.fragment


def _host(parts: SplitResult) -> str:
    """Return host and port in lower case, a port that goes without saying left out."""
    usual = {"http": ":80", "https": ":443"}[parts.scheme]
    return parts.netloc.lower().removesuffix(usual)


def _query(query: str, wanted: Callable[[str, str], bool]) -> str:
    """Return the query without its unwanted parameters; as it was written where all of them stay."""
    pairs = parse_qsl(query, keep_blank_values=True)
    kept = [pair for pair in pairs if wanted(*pair)]
    return query if len(kept) == len(pairs) else urlencode(kept)
