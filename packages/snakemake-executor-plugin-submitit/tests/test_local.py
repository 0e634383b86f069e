"""The executor on this machine: the same code, with processes for tasks."""

import json
import os
import signal
from pathlib import Path

import psutil
import pytest
from small_workflow import UNTIL_GO, SmallWorkflow

from tests.slurm.waiting import wait_until

PACKS = ("--cores=2", "--submitit-pack=4")


def processes(folder: Path) -> list[psutil.Process]:
    """What runs from a folder; zombies have none."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd() == str(folder):
                found.append(process)
        except psutil.Error:
            continue
    return found


def test_each_job_of_a_pack_has_its_own_retries(tmp_path: Path) -> None:
    once = "test {wildcards.i} != 5 || test -e again || {{ touch again; exit 1; }}"
    workflow = SmallWorkflow(tmp_path, once, jobs=20, retries=1)
    workflow.start(*PACKS, cluster="local").ends()
    assert workflow.ran() == sorted([*range(20), 5])


def test_no_more_than_the_cores_are_used(tmp_path: Path) -> None:
    count = "touch on.{wildcards.i}; ls on.* | wc -l >> width; sleep 1; rm on.{wildcards.i}"
    workflow = SmallWorkflow(tmp_path, count, jobs=4)
    workflow.start("--cores=2", cluster="local").ends()
    assert max(map(int, (tmp_path / "width").read_text().split())) == 2


def test_a_killed_controller_is_followed_by_one_that_adopts(tmp_path: Path) -> None:
    workflow = SmallWorkflow(tmp_path, UNTIL_GO, jobs=4)
    first = workflow.start("--cores=2", cluster="local")
    wait_until(lambda: len(workflow.ran()) == 2)
    first.dies()
    second = workflow.start("--cores=2", cluster="local")
    wait_until(lambda: "wildcards: i=3" in second.said())
    (tmp_path / "go").touch()
    second.ends()
    assert workflow.ran() == [0, 1, 2, 3]


def test_ctrl_c_leaves_no_process(tmp_path: Path) -> None:
    workflow = SmallWorkflow(tmp_path, "sleep 300", jobs=2)
    running = workflow.start("--cores=2", cluster="local")
    wait_until(lambda: len(workflow.ran()) == 2)
    os.killpg(running.process.pid, signal.SIGINT)  # as the terminal does
    output = running.ends(well=False)
    assert "Error in rule" not in output  # they have not failed
    wait_until(lambda: not processes(tmp_path), within=15)


def test_plain_commands_run_without_a_second_snakemake(tmp_path: Path) -> None:
    plain = {
        "bare": "",
        "threads": "threads: 2",
        "logging": "log: 'logs/log'",
        "packaged": "conda: 'environment.yaml'",  # as long as nobody asks for conda
    }
    nested = {
        "measured": "benchmark: 'benchmarks/it'",
        "shadowed": "shadow: 'minimal'",
        "elsewhere": "resources: tmpdir='/var/tmp'",
        "grouped": "group: 'together'",
    }
    (tmp_path / "environment.yaml").touch()
    workflow = SmallWorkflow(tmp_path, "true", rules={**plain, **nested})
    workflow.start("--cores=2", "--submitit-keep-logs", cluster="local").ends()
    batches = [path.read_text() for path in tmp_path.glob(".snakemake/submitit/*/closed.jsonl")]
    for rule in (*plain, *nested):
        name = "together" if rule == "grouped" else rule
        [batch] = [text for text in batches if json.loads(text.splitlines()[0])["rule"] == name]
        assert ("-m snakemake" in batch) == (rule in nested), rule


def test_commands_see_what_snakemake_gives_them(tmp_path: Path) -> None:
    workflow = SmallWorkflow(
        tmp_path,
        "echo $OMP_NUM_THREADS $GIVEN $PWD > seen; false | true",
        jobs=1,
        more="threads: 2",
    )
    text = (tmp_path / "Snakefile").read_text()
    (tmp_path / "Snakefile").write_text(f"envvars: 'GIVEN'\nshell.suffix('; echo end')\n{text}")
    environment = {**os.environ, "GIVEN": "a secret"}
    said = workflow.start("--cores=2", cluster="local", environment=environment).ends(well=False)
    assert "ended with exit status 1" in said  # pipefail, as in Snakemake
    assert (tmp_path / "seen").read_text() == f"2 a secret {tmp_path}\n"


@pytest.mark.parametrize("visible", [None, "1"])
def test_commands_see_the_gpus_that_snakemake_sees(tmp_path: Path, visible: str | None) -> None:
    """submitit hides them."""
    workflow = SmallWorkflow(tmp_path, "echo ${{CUDA_VISIBLE_DEVICES-all}} > seen", jobs=1)
    environment = {k: v for k, v in os.environ.items() if k != "CUDA_VISIBLE_DEVICES"}
    environment |= {"CUDA_VISIBLE_DEVICES": visible} if visible else {}
    workflow.start("--cores=2", cluster="local", environment=environment).ends()
    assert (tmp_path / "seen").read_text() == f"{visible or 'all'}\n"


def test_jobs_that_cannot_be_asked_for_are_said_once(tmp_path: Path) -> None:
    workflow = SmallWorkflow(
        tmp_path, "true", jobs=3, retries=2, more="resources: slurm_partion='x'"
    )
    said = workflow.start("--cores=2", cluster="local").ends(well=False)
    assert said.count("Did you mean slurm_partition?") == 1
    assert workflow.ran() == []
    SmallWorkflow(tmp_path, "true", jobs=3)
    workflow.start("--cores=2", cluster="local").ends()
    assert workflow.made() == [0, 1, 2]


def test_another_configuration_in_the_same_folder_is_other_jobs(tmp_path: Path) -> None:
    """Same rule, same wildcards: only the results tell them apart."""
    workflow = SmallWorkflow(tmp_path, UNTIL_GO, jobs=2)
    text = (tmp_path / "Snakefile").read_text()
    (tmp_path / "Snakefile").write_text(text.replace('"out/', 'config["to"] + "/'))
    first = workflow.start("--cores=2", "--config", "to=out", cluster="local")
    wait_until(lambda: len(workflow.ran()) == 2)
    second = workflow.start("--cores=2", "--config", "to=other", cluster="local")
    wait_until(lambda: len(workflow.ran()) == 4)
    (tmp_path / "go").touch()
    first.ends()
    second.ends()
    assert workflow.ran() == [0, 0, 1, 1]


def test_wrong_settings_are_named(tmp_path: Path) -> None:
    workflow = SmallWorkflow(tmp_path, "true")
    said = workflow.start("--submitit-pack=0", cluster="local").ends(well=False)
    assert "submitit-pack: 0 is too small" in said
    (tmp_path / "file").touch()
    said = workflow.start("--submitit-folder=file", cluster="local").ends(well=False)
    assert "submitit-folder: file cannot be used" in said
    SmallWorkflow(tmp_path, "true", more="resources: slurm_partion='x'")
    said = workflow.start(cluster="local").ends(well=False)
    assert "Did you mean slurm_partition?" in said
