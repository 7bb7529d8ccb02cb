"""From an issue to files: the post, its HTML preview, a new site."""
