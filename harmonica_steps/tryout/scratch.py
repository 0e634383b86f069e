"""A scratch folder in which one training runs just as in a search."""

import codecs
import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harmonica_steps.config import Search
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.files import write_json, write_text
from harmonica_steps.objective.command import setting_names
from harmonica_steps.objective.family import die_with_parent
from harmonica_steps.objective.preload import shared_modules
from harmonica_steps.objective.trial import invocation
from harmonica_steps.objective.workdir import WorkDirectory
from harmonica_steps.records.record import Place, Record, read_record
from harmonica_steps.records.sample import SampleLine
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.results.plain import open_plain
from harmonica_steps.search.plan import plan
from harmonica_steps.tryout.choice import Choice, configuration

LOOKING = 0.05
"""Seconds between two checks of the log."""

MOST = 2**16
"""Bytes of it that are shown at a time."""


class Scratch:
    """A search folder that holds a single sample.

    Parameters
    ----------
    root
        The folder, empty or not there yet.
    search
        The configuration.
    choice
        The training.
    """

    def __init__(self, root: Path, search: Search, choice: Choice) -> None:
        if root.exists() and (not root.is_dir() or any(root.iterdir())):
            raise HarmonicaError(
                f"--output: {root} exists and is not an empty folder; choose another name."
            )
        self.folder = SearchFolder(root)
        self.part, self.trial = choice.part.name, choice.trial
        self.work = WorkDirectory(self.folder.work(self.part, self.trial))
        self.identity: dict[str, Any] = {
            "configuration": configuration(search.build_space(), choice),
            "seed": choice.seed,
            "budget": choice.budget,
        }
        content = {**plan(search), "config": search.model_dump(mode="json")}
        for part in content["parts"]:
            if part["part"] == self.part:
                part["budget"] = choice.budget
        self._objective = content["config"]["objective"]
        self._names = setting_names(search.space, (p["fidelity"] for p in content["parts"]))
        write_json(self.folder.plan, content)
        line: SampleLine = {
            "trial": choice.trial,
            "seed": choice.seed,
            "candidate": 0,
            "origin": choice.origin,
            "configuration": self.identity["configuration"],
            "continues": choice.continues,
        }
        # The line of a sample is found by its number.
        write_text(self.folder.samples(self.part), "\n" * choice.trial + json.dumps(line) + "\n")

    def take_checkpoint(self, source: SearchFolder, continues: Place) -> None:
        """Copy what the training continues from the folder of the search."""
        shutil.copytree(source.work(**continues), self.folder.work(**continues), symlinks=True)
        write_json(self.folder.record(**continues), {**read_record(source.record(**continues))})

    def command(self) -> tuple[list[str], dict[str, str]]:
        """The command of the training, and the environment variables that go with it."""
        return invocation(self._objective, self.identity, self._names, self.work)

    def train(self, show: Callable[[str], object]) -> Record | None:
        """Train by the step of the workflow that trains; returns the record.

        Parameters
        ----------
        show
            Is given the program's output while it runs.

        Returns
        -------
        dict or None
            None when the training could not be started; the step has said why.

        Raises
        ------
        KeyboardInterrupt
            After Ctrl-C, when the training has ended.
        """
        environment = dict(os.environ)
        if shared_modules(self._objective):
            # As in a search: what trainings share is loaded by a fork server.
            environment["HARMONICA_OWNER"] = str(os.getpid())
        arguments = [str(self.folder.root), self.part, str(self.trial)]
        step = subprocess.Popen(
            # Without -P a module in this folder could take the place of Python's own.
            [sys.executable, "-P", "-m", "harmonica_steps", "train", *arguments],
            env=environment,
            # Ctrl-C is for this process, which ends the training cleanly.
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
        try:
            _follow(step, self.work.log, show)
        except KeyboardInterrupt:
            step.terminate()
            step.wait()
            raise
        finally:
            if step.poll() is None:
                step.kill()
        path = self.folder.record(self.part, self.trial)
        return read_record(path) if path.is_file() else None


def _follow(step: subprocess.Popen[bytes], log: Path, show: Callable[[str], object]) -> None:
    """Show a log while it grows, until a process ends."""
    decode = codecs.getincrementaldecoder("utf-8")("replace").decode
    position, ended = 0, False
    while not ended:
        ended = step.poll() is not None
        with contextlib.suppress(OSError), open_plain(log) as stream:
            stream.seek(position)
            while found := stream.read(MOST):
                position += len(found)
                show(decode(found))
        if not ended:
            time.sleep(LOOKING)
