"""What users are told about their jobs, and which of their files are left alone."""

import json
import re
from pathlib import Path

import pytest
from on_slurm import queued_jobs
from small_workflow import SmallWorkflow
from snakemake_executor_plugin_submitit.batch import Batch, Piece
from snakemake_executor_plugin_submitit.resources import Resources

from tests.slurm.cluster import Cluster
from tests.slurm.waiting import wait_until

JSON_LOGS = "log: notebook='log/{i}.ipynb', stats='log/{i}.json'"
LOGGED = "echo '{{}}' > {log.notebook}; echo '{{\"a\": 1}}' > {log.stats}; echo why; exit 3"


def piece(**wildcards: str) -> Piece:
    return Piece("key", "digest", "train", Resources(), ["o/1"], True, {}, wildcards)


def batch(*pieces: Piece) -> Batch:
    return Batch("train", Resources(), None, 1, [[piece] for piece in pieces])


@pytest.mark.parametrize("more", ["", "shadow: 'minimal'", "group: 'together'"])
def test_logs_of_the_user_are_not_written_to(tmp_path: Path, more: str) -> None:
    workflow = SmallWorkflow(tmp_path, LOGGED, jobs=1, more=f"{JSON_LOGS}\n    {more}")
    said = workflow.start("--cores=2", cluster="local").ends(well=False)
    assert json.loads((tmp_path / "log/0.ipynb").read_text()) == {}
    assert json.loads((tmp_path / "log/0.json").read_text()) == {"a": 1}
    assert said.count(": ended with exit status") == 1
    [log] = set(re.findall(r"\.snakemake/submitit/\S+/logs/0\.log", said))
    assert re.search("job [0-9]+ on .*: ended with exit status", (tmp_path / log).read_text())
    if not more:
        assert "why" in said


def test_a_log_that_was_never_written_is_empty(tmp_path: Path) -> None:
    workflow = SmallWorkflow(tmp_path, "exit 3", jobs=1, more=JSON_LOGS)
    said = workflow.start("--cores=2", cluster="local").ends(well=False)
    assert (tmp_path / "log/0.json").read_text() == ""
    assert "ended with exit status 3" in said


def test_a_logger_that_shows_only_logs_does_not_hide_the_reason(tmp_path: Path) -> None:
    pytest.importorskip("snakemake_logger_plugin_rich")
    workflow = SmallWorkflow(tmp_path, "exit 3", jobs=1, more=JSON_LOGS)
    said = workflow.start("--cores=2", "--logger=rich", cluster="local").ends(well=False)
    assert said.count("ended with exit status 3") == 1
    assert "Error in rule job (i=0)" in said


def test_a_submission_is_told_in_one_line(cluster: Cluster, tmp_path: Path) -> None:
    workflow = SmallWorkflow(tmp_path, "true", jobs=6, more="resources: slurm_extra='--hold'")
    running = workflow.start("--submitit-pack=2", environment=cluster.environment())
    wait_until(lambda: "Submitted" in running.said())
    [job_id] = queued_jobs(cluster, tmp_path, "%F")
    uid, *words = queued_jobs(cluster, tmp_path, "%k")[0].split()
    cluster.call("scontrol", "release", job_id)
    [line] = [line for line in running.ends().splitlines() if line.startswith("Submitted")]
    assert line == (
        f"Submitted 6 jobs of job i=0,1,2,3,4,5: SLURM job {job_id} (an array of 3 tasks); logs: "
        f".snakemake/submitit/{uid}/logs"
    )
    assert words == ["job", "i=0,1,2,3,4,5"]


def test_wildcards_of_a_submission_fit_into_a_line() -> None:
    assert batch(piece()).label == "train"
    assert batch(piece(a="x", b="1"), piece(a="x", b="2")).label == "train a=x b=1,2"
    many = batch(*(piece(a=f"sample-{i}", b=str(i)) for i in range(1000)))
    assert many.label.startswith("train a=sample-0,sample-1,")
    assert many.label.count("...") == 2
    assert len(many.comment("uid")) < 200


def test_a_comment_holds_nothing_that_others_might_misread() -> None:
    found = batch(piece(a="x|y\n'z' \"$(id)\" ä;\\")).comment("20261124-2203-4f1c")
    assert found == "20261124-2203-4f1c train a=x_y__z_ ___id__ ___"
