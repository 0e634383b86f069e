"""The real optuna-dashboard shows the exported study."""

import contextlib
import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from export_support import CONFIG, finished

from harmonica_steps.export.study import export_study

LIFETIME = 60
"""Seconds after which timeout ends it, should this test be killed."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("dashboard")
    export_study(finished(folder / "mixed"), folder / "study.journal")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = Path(sys.executable).with_name("optuna-dashboard")
    arguments = ["--host", "127.0.0.1", "--port", str(port), "--server", "wsgiref", "study.journal"]
    process = subprocess.Popen(
        ["timeout", str(LIFETIME), program, *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        end = time.monotonic() + LIFETIME / 2
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert process.poll() is None, process.stdout and process.stdout.read()
            assert time.monotonic() < end, "the dashboard does not answer"
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=20)


def ask(address: str, path: str) -> Any:
    with urllib.request.urlopen(f"{address}{path}", timeout=20) as answer:
        return json.load(answer)


def test_the_study_is_listed(address: str) -> None:
    (study,) = ask(address, "/api/studies")["study_summaries"]
    assert study["study_name"] == "mixed"
    assert study["directions"] == ["maximize"]


def test_trials_parameters_and_rungs_are_shown(address: str) -> None:
    study = ask(address, "/api/studies/0")
    assert len(study["trials"]) == 99
    first = {param["name"]: param for param in study["trials"][0]["params"]}
    assert first["depth"]["distribution"]["type"] == "IntDistribution"
    states = {trial["state"] for trial in study["trials"]}
    assert states == {"Complete", "Pruned", "Fail"}
    rungs = [len(trial["intermediate_values"]) for trial in study["trials"]]
    assert max(rungs) == 3
    assert {name["key"] for name in study["user_attrs"]} >= {"stage-1: frozen", "stage-1: terms"}


def test_importances_and_plots_are_computed(address: str) -> None:
    (importances,) = ask(address, "/api/studies/0/param_importances")["param_importances"]
    share = {entry["name"]: entry["importance"] for entry in importances}
    assert share.keys() == CONFIG["space"].keys()
    assert sum(share.values()) == pytest.approx(1)
    assert share["switch"] > share["odd"]
    assert ask(address, "/api/studies/0/plot/rank")["data"]
