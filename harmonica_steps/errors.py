"""The one exception that users are meant to read, and how they come to read it."""

import sys
from collections.abc import Callable, Iterable

LONGEST_WORD = 60
"""That can be mistyped."""

MOST_COMPARED = 1_000
"""Words that a mistyped one is compared with."""


class HarmonicaError(Exception):
    """A problem that the user can mend; its text is a complete sentence for them.

    The command line prints it without a traceback, Snakemake shows it as a workflow error.
    """


def exit_status(run: Callable[[], object]) -> int:
    """Run something; 0 on success, 1 with a message on a problem that the user can mend."""
    try:
        run()
    except HarmonicaError as error:
        print(f"harmonica: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        print(
            f"harmonica: {where}{error.strerror or error}. Nothing computed so far is lost; mend "
            "it and run the same command again.",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


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
    text = word if isinstance(word, str) else shown(word)
    if len(text) <= LONGEST_WORD:
        if word in choices and isinstance(word, str):
            return f", which is text; the value is not: write {word} without quotes"
        short = [choice for choice in choices[:MOST_COMPARED] if len(choice) <= LONGEST_WORD]
        if close := difflib.get_close_matches(text, short, n=1, cutoff=0.7):
            return f", did you mean {close[0]!r}?"
    listed = ", ".join(choice[:40] for choice in choices[:12])
    return f"; allowed: {listed}{', ...' if len(choices) > 12 else ''}" if choices else ""


def shown(value: object, most: int = 60) -> str:
    """A value as a message shows it: a few dozen characters, however large it is.

    Parameters
    ----------
    value
        What the user wrote.
    most
        The number of characters.

    Returns
    -------
    str
        As Python writes it, cut where it is too long.
    """
    from reprlib import Repr  # only now: trainings start often

    short = Repr()
    short.maxstring = short.maxother = short.maxlong = most
    short.maxlevel, short.maxdict, short.maxlist = 3, 4, 6
    try:
        text = short.repr(value)
    except ValueError:  # whole numbers of thousands of digits
        return f"a number of more than {10**3:,} digits"
    return text if len(text) <= most else f"{text[: most - 3]}..."
