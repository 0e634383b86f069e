"""What came of a disturbed step, counted."""

import signal
from collections.abc import Callable
from typing import NamedTuple

from benchmarks.crash.workshop import Ended, Workshop, contents


class Outcome(NamedTuple):
    """What went wrong, as numbers to be added up; all are 0 if nothing did."""

    lost: int
    """Records that were there before and are nowhere now."""

    doubled: int
    """Trainings that had a record and ran again."""

    other: int
    """Files that are missing, or not the same bytes, after the second run."""

    left_over: int
    """Files after the second run that an undisturbed run does not leave."""

    unexplained: int
    """Ends with a traceback, or with neither success nor a sentence."""


def outcome(
    workshop: Workshop, disturb: Callable[[], Ended], repair: Callable[[], object] = lambda: None
) -> tuple[Outcome, Ended, Ended]:
    """Disturb a step once, end the disturbance, run the step again, and compare."""
    workshop.renew()
    before = workshop.records()
    first = disturb()
    repair()
    lost = before - workshop.records()
    made = [name for name in workshop.step.makes if "/trials/" in name]
    recorded = bool(made) and all((workshop.place / name).is_file() for name in made)
    trained = workshop.trained()
    second = workshop.run()
    done = workshop.step.done
    explained = is_explained(first) and (second.status == 0 or (done != "" and done in second.said))
    found = contents(workshop.place)
    return (
        Outcome(
            lost=lost.total(),
            doubled=workshop.trained() - trained if recorded else 0,
            other=sum(found.get(name) != content for name, content in workshop.wanted.items()),
            left_over=len(found.keys() - workshop.wanted.keys()),
            unexplained=int(not explained),
        ),
        first,
        second,
    )


def is_explained(ended: Ended) -> bool:
    """Whether a step was killed, did its work, or said in a sentence why not."""
    if ended.status in (0, -signal.SIGKILL):
        return "Traceback" not in ended.said
    return ended.status == 1 and "Traceback" not in ended.said and "harmonica: " in ended.said
