"""The one exception that users are meant to read."""

from collections.abc import Iterable


class HarmonicaError(Exception):
    """A problem that the user can mend; its text is a complete sentence for them.

    The command line prints it without a traceback, Snakemake shows it as a workflow error.
    """


def near_miss(word: object, allowed: Iterable[object]) -> str:
    """A suggestion for a mistyped word, ready to be appended to a message.

    Parameters
    ----------
    word
        What the user wrote.
    allowed
        What would have been accepted.

    Returns
    -------
    str
        ``", did you mean 'samples'?"`` or, without a close match, the list of allowed words.
    """
    import difflib  # only now: it is needed once in a while, and trainings start often

    choices = [str(choice) for choice in allowed]
    close = difflib.get_close_matches(str(word), choices, n=1, cutoff=0.7)
    if close:
        return f", did you mean {close[0]!r}?"
    shown = ", ".join(choices[:12]) + (", ..." if len(choices) > 12 else "")
    return f"; allowed: {shown}" if choices else ""
