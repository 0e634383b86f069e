"""Advice after a training has failed in a way that every training would."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple


class Case(NamedTuple):
    """A kind of failure."""

    cause: str
    """What the record's cause matches, as a regular expression."""
    output: str
    """What the end of the program's output matches."""
    advice: str


CASES = [
    Case(
        "exit status 2",
        "unrecognized arguments:? ?(.*)",
        "The program does not know the arguments {1}. objective.command must be a command line "
        "that the program understands: name each parameter in it by the option that the program "
        "has, or pass the file {{config}} to a program that reads it.",
    ),
    Case(
        "exit status 2",
        "the following arguments are required: (.*)",
        "The program also needs {1}: add it to objective.command.",
    ),
    Case(
        "exit status 2",
        r"argument (\S+): (?:invalid|expected)",
        "The program does not accept the value of {1}: compare its --help with the type and the "
        "values of the parameter in space.",
    ),
    Case(
        "exit status 2",
        "can't open file|No such option|usage:",
        "The program does not accept its command line: compare objective.command with its --help.",
    ),
    Case(
        "exit status",
        "No module named '?([^'\\s]+)",
        "Python found no module {1}: install it into the environment that runs harmonica, or start "
        "objective.command with the path of the Python that has it.",
    ),
    Case(
        "exit status",
        r"(?:No such file or directory|can't open).*?'([^']+)'",
        "There is no file {1}: relative paths are looked up in the folder in which you run "
        "snakemake.",
    ),
    Case(
        "exit status",
        r"KeyError: '?(\w+)",
        "The program looks for {1}, which the configuration shown above may not have: parameters "
        "with when: are withheld if they are inactive.",
    ),
    Case(
        "exit status 12[67]",
        "",
        "A command was not found, or is not executable: check the programs that "
        "objective.command starts.",
    ),
    Case(
        "its work folder was|the folder .* was",
        "",
        "The program must leave its work folder and the folders above it where they are. It may "
        "write into its work folder, and remove what it has written there.",
    ),
    Case(
        "result has .* more than once",
        "",
        "The result file must contain {metric} exactly once.",
    ),
    Case(
        "exit status",
        "",
        "The program's own output, above, says why.",
    ),
    Case(
        "wrote no result file",
        "",
        'The program must write a JSON file, e.g. {{"{metric}": 0.1}} to the path that it is '
        "given as {{result}} in objective.command, or as the environment variable "
        "HARMONICA_RESULT.",
    ),
    Case(
        "result has no .*, it has nothing",
        "",
        "The result file holds an empty object: the program must write {metric} into it.",
    ),
    Case(
        "result has no .*, it has (.*)",
        "",
        "Set objective.metric to one of the keys that the program writes: {cause1}.",
    ),
    Case(
        "result file|result is a",
        "",
        'The result file must hold one JSON object, e.g. {{"{metric}": 0.1}}.',
    ),
    Case(
        "'.*' is a (string|list|mapping|truth value|null)",
        "",
        "The program must write {metric} as a number, not as a {cause1}: e.g. "
        "float(value) in Python.",
    ),
    Case(
        "'.*' is (not finite|too large)",
        "",
        "For some configurations, e.g. those with a high learning rate, this is normal, and the "
        "search learns to avoid them. Try others with --seed 1, --seed 2: if all diverge, look for "
        "an "
        "error in the program or narrow the ranges.",
    ),
    Case(
        "timeout after",
        "",
        "Raise objective.timeout ({timeout:g} s), or lower the budget ({budget:g}); if the program "
        "hangs, its output above shows where.",
    ),
    Case(
        ".*SIGKILL",
        "",
        "Probably there was not enough memory: it used {memory:.0f} MB. Allow more (mem_mb in the "
        "profile), or limit the parameters that make the model large.",
    ),
    Case(
        "died of signal",
        "",
        "The program crashed: run the command above on its own, e.g. in a debugger.",
    ),
]


def advice(record: Mapping[str, Any], objective: Mapping[str, Any], output: str) -> str:
    """One sentence or two on what to change after a failure.

    Parameters
    ----------
    record
        Of the training.
    objective
        The ``objective`` section of the configuration.
    output
        The end of what the program has printed.
    """
    for case in CASES:
        cause = re.match(case.cause, record["cause"])
        said = re.search(case.output, output)
        if cause and said:
            return case.advice.format(
                None,
                said[1] if said.re.groups else "",
                cause1=cause[1] if cause.re.groups else "",
                metric=objective["metric"],
                timeout=objective["timeout"],
                budget=record["budget"],
                memory=record["run"]["memory_mb"],
            )
    return "The program's output is above."
