"""The sample issue as a site: `python samples/site.py SITE` puts its post, card, topic pages and e-mail into a new site.

The site was made by `weeklyai init`. What `weeklyai publish` would write is written, without a draft to publish.
"""

import shutil
import sys
from pathlib import Path

from weeklyai import config
from weeklyai.publish import beside
from weeklyai.publish.parse import parse
from weeklyai.publish.templates import environment

ROOT = Path(__file__).resolve().parent.parent


def main(folder: Path) -> None:
    """Copy the sample posts and write what belongs to them."""
    settings = config.load(folder)
    for post in sorted((ROOT / "_posts").glob("*.md")):
        shutil.copy(post, folder / "_posts")
        beside.write(parse(post.read_text(encoding="utf-8")), settings, environment(folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
