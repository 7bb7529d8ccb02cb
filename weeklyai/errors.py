"""The few exceptions people may see.

`WeeklyError` and its children carry one sentence for a person: what happened, where, what to do next.
The command line prints that sentence and exits with `exit_code`; anything else is a bug and shows a traceback.
"""


class WeeklyError(Exception):
    """Something went wrong that a person can act on; exit code 1."""

    exit_code = 1


class UserError(WeeklyError):
    """What was asked for cannot be done as asked (a wrong field, a missing file); exit code 2."""

    exit_code = 2
