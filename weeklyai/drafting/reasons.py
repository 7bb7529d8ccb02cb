"""What speaks for a sentence, in words that an editor uses: a plain name for every column that a selector weighs.

The columns are named for whoever fits them (`features`); "words, logarithm" tells an editor nothing. Columns that mean the
same to a reader share a name, and their points are added.
"""

from collections.abc import Mapping

LITTLE = 0.05  # points of ROUGE

# By plain name, the columns it stands for; a name may be said when the column speaks for the sentence.
# fmt: off
_PLAIN = {
    "it stands early in the text": (
        "place", "early place", "share of the text before it", "paragraph", "early paragraph", "first sentence", "second sentence",
        "among the first three"),
    "it stands late in the text": ("among the last three",),
    "it opens its paragraph": ("place in its paragraph", "first of its paragraph", "alone in its paragraph"),
    "it ends its paragraph": ("last of its paragraph",),
    "it has a good length": (
        "words", "words, logarithm", "long beside the others", "under eight words", "12 to 30 words", "over 35 words", "rank by length"),
    "it uses plain words": ("letters a word", "share of function words"),
    "it tells what the headline says": (
        "headline words, weighed by rarity", "headline words by length", "headline words", "share of the headline",
        "share of it in the headline", "the headline's first word", "the headline's last word", "pairs of words of the headline",
        "likeness to the headline", "rank by headline words", "best by headline words"),
    "it speaks of what the whole text is about": (
        "likeness to the whole", "likeness to the others", "likeness to the nearest", "words that come back",
        "rank by likeness to the whole"),
    "it goes on from the opening": ("likeness to the first", "likeness to the first three"),
    "it belongs to its neighbours": ("likeness to the next", "likeness to the one before"),
    "it uses rare words": ("rare words, mean", "rarest word"),
    "it has figures": ("numbers", "money or share"),
    "it has names": ("names", "share of names"),
    "it says what the text is about": ("says what this text is about",),
    "it explains or introduces": ("learn, show, explain", "how to"),
    "it announces something": ("announces something", "says that it is new"),
    "it says what something is": ("says what something is",),
    "it says what something is good for": ("helps or allows", "can, will"),
    "it gives a reason": ("says why",),
    "it sums up": ("sums up",),
    "it says when": ("month or weekday", "looks back"),
    "it speaks for the authors": ("I, my", "we, our"),
    "it speaks to the reader": ("you, your",),
    "it compares": ("contrast", "superlative"),
    "it says who said it": ("reported speech",),
    "it is careful": ("may, might, would", "negation"),
    "it gives an example": ("gives an example", "counts steps"),
    "it is a plain statement": (
        "thanks, subscribe, credits", "code or address", "opens small", "opens with a mark", "commas", "colons", "semicolons", "brackets",
        "double quotes", "questions", "exclamations", "dashes", "ends with a stop", "ends with a colon", "opens with it, this, they",
        "opens with and, but, so", "opens with -ing", "opens with the", "opens with if, when, while"),
    "the model expects the headline behind it": ("model: headline after it",),
    "the model expects it behind the headline": ("model: it after the headline",),
    "the model finds it fit for a summary": ("model: it as the blurb", "model: it as the blurb, text known"),
}
# fmt: on
NAMES = {column: name for name, columns in _PLAIN.items() for column in columns}


def plainly(points: Mapping[str, float], most: int) -> str:
    """Return the plain names of the columns with most points together, best first, those of little weight left out."""
    sums: dict[str, float] = {}
    for column, value in points.items():
        name = NAMES.get(column, column)
        sums[name] = sums.get(name, 0.0) + value
    best = sorted(sums, key=lambda name: (-sums[name], name))[:most]
    return ", ".join(name for name in best if sums[name] >= LITTLE)
