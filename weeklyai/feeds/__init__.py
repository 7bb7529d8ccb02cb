"""Fetch, parse and archive feeds: where strangers' bytes become clean items."""
