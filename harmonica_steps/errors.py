"""The one exception that users are meant to read, and how it is printed."""

from collections.abc import Callable, Iterable

from harmonica_steps.terminal import brief, lost_output, quoted, shortened, visible, warn

BUG = 70
"""Exit status of a bug, as in `sysexits.h`."""

BROKEN_PIPE = 128 + 13
"""Exit status if the reader of the output is gone: that of a program that SIGPIPE ends."""

INTERRUPTED = 128 + 2
"""Exit status after Ctrl-C."""

KEPT = "No results were lost. Fix the problem and rerun the same command."

LONGEST_WORD = 60
"""Most characters of a word that is compared with others."""

MOST_COMPARED = 1_000
"""Most words that a mistyped one is compared with."""


class HarmonicaError(Exception):
    """A problem that the user can fix; its text is a complete sentence for the user.

    The command line prints it without a traceback, Snakemake shows it as a workflow error. Whatever
    values it quotes, it is short and can be printed.
    """

    def __init__(self, message: object) -> None:
        super().__init__(shortened(visible(message, lines=True)))


def exit_status(run: Callable[[], object]) -> int:
    """Run something; 0 on success, 1 with a message on a problem that the user can fix.

    Any other exception is a bug: status 70, and the traceback, to be reported.
    """
    problem: BaseException | None = None
    try:
        run()
    except (Exception, KeyboardInterrupt, SystemExit) as error:
        problem = error
    if lost := lost_output():
        problem = lost
    if problem is None:
        return 0
    if isinstance(problem, SystemExit):
        raise problem
    if isinstance(problem, KeyboardInterrupt):
        return INTERRUPTED
    if isinstance(problem, BrokenPipeError):
        return BROKEN_PIPE
    message = _about(problem)
    if message is None:
        _report(problem)
        return BUG
    warn(f"harmonica: {HarmonicaError(message)}")
    return 1


def _report(problem: BaseException) -> None:
    import traceback  # only now: trainings start often

    warn(HarmonicaError("".join(traceback.format_exception(problem)).rstrip()))
    warn("harmonica: this is a bug in Harmonica. Please report it with the lines above.")


def _about(problem: BaseException) -> str | None:
    """What to tell the user; None for a bug."""
    if isinstance(problem, HarmonicaError):
        return str(problem)
    if isinstance(problem, OSError):
        where = f"{brief(problem.filename)}: " if problem.filename else ""
        return f"{where}{problem.strerror or problem}. {KEPT}"
    if isinstance(problem, MemoryError):
        return f"there is not enough memory. {KEPT}"
    if isinstance(problem, UnicodeEncodeError):
        start = max(problem.start - 40, 0)
        return (
            f"{brief(problem.object[start : problem.end + 40])}: is not {problem.encoding}. "
            "Names must be valid UTF-8, and the locale must support them, e.g. LC_ALL=C.UTF-8."
        )
    return None


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
    text = word if isinstance(word, str) else quoted(word)
    if len(text) <= LONGEST_WORD:
        if word in choices and isinstance(word, str):
            return f", which is a string; the value is not: remove the quotes ({word})"
        short = [choice for choice in choices[:MOST_COMPARED] if len(choice) <= LONGEST_WORD]
        if close := difflib.get_close_matches(text, short, n=1, cutoff=0.7):
            return f", did you mean {close[0]!r}?"
    listed = ", ".join(choice[:40] for choice in choices[:12])
    return f"; allowed: {listed}{', ...' if len(choices) > 12 else ''}" if choices else ""
