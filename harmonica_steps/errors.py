"""The one exception that users are meant to read, and how they come to read it."""

import sys
from collections.abc import Callable, Iterable


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
    if word in choices and isinstance(word, str):
        return f", which is text; the value is not: write {word} without quotes"
    close = difflib.get_close_matches(str(word), choices, n=1, cutoff=0.7)
    if close:
        return f", did you mean {close[0]!r}?"
    shown = ", ".join(choices[:12]) + (", ..." if len(choices) > 12 else "")
    return f"; allowed: {shown}" if choices else ""
