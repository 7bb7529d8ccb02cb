"""weeklyai: a weekly technology newsletter, drafted by a small GPT trained on your own feeds."""

__version__ = "0.1.0"
