"""What Snakemake may do with a job: a plain command has it as well, or the job is not plain."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest
from small_workflow import SmallWorkflow
from snakemake.io.flags import access_patterns
from snakemake.ruleinfo import RuleInfo
from snakemake.settings import types
from snakemake_executor_plugin_submitit.plain import KEYWORDS, MARKS, _has_unknown_keywords

HERE = "The Snakemake that submits acts on it, or makes the command from it."
COMMAND = "A plain command is run with it."
SECOND = "A job that it acts on has a second Snakemake."
NOTHING = "It does not act on jobs that are submitted."
REFUSED = "The executor says that it cannot be used."

SETTINGS = {
    "ConfigSettings": {
        HERE: "config configfiles config_args replace_workflow_config",
    },
    "DAGSettings": {
        HERE: "targets target_jobs target_files_omit_workdir_adjustment batch forcetargets "
        "forceall forcerun until omit_from force_incomplete allowed_rules rerun_triggers "
        "max_inventory_wait_time trust_io_cache max_checksum_file_size strict_evaluation",
        NOTHING: "print_dag_as",
    },
    "DeploymentSettings": {
        SECOND: "deployment_method conda_prefix conda_base_path conda_frontend "
        "conda_not_block_search_path_envvars apptainer_args apptainer_prefix",
        NOTHING: "conda_cleanup_pkgs",
    },
    "ExecutionSettings": {
        HERE: "keep_going ignore_ambiguity lock ignore_incomplete wait_for_files no_hooks retries "
        "attempt keep_incomplete keep_metadata queue_input_wait_time",
        COMMAND: "latency_wait",
        SECOND: "shadow_prefix cleanup_scripts edit_notebook",
        NOTHING: "debug standalone use_threads",
    },
    "GlobalReportSettings": {NOTHING: "metadata_template"},
    "GroupSettings": {SECOND: "overwrite_groups group_components local_groupid"},
    "OutputSettings": {
        HERE: "dryrun printshellcmds nocolor quiet debug_dag verbose show_failed_logs "
        "log_handler_settings stdout log_level_override skip_plugin_handlers enable_file_logging "
        "keep_logger",
        SECOND: "benchmark_extended",
    },
    "PreemptibleRules": {HERE: "rules all"},
    "RemoteExecutionSettings": {
        HERE: "preemptible_retries preemptible_rules",
        COMMAND: "envvars precommand",
        SECOND: "jobscript job_deploy_sources",
        REFUSED: "immediate_submit",
        NOTHING: "jobname max_status_checks_per_second seconds_between_status_checks "
        "container_image",
    },
    "ResourceSettings": {
        HERE: "cores nodes local_cores max_threads resources overwrite_threads overwrite_scatter "
        "overwrite_resource_scopes overwrite_resources default_resources",
    },
    "SchedulingSettings": {
        HERE: "prioritytargets scheduler ilp_solver solver_path greediness subsample "
        "max_jobs_per_second max_jobs_per_timespan",
    },
    "StorageSettings": {
        HERE: "omit_flags notemp all_temp unneeded_temp_files",
        SECOND: "default_storage_provider default_storage_prefix shared_fs_usage "
        "keep_storage_local retrieve_storage local_storage_prefix "
        "remote_job_local_storage_prefix wait_for_free_local_storage",
    },
    "WorkflowSettings": {
        HERE: "exec_mode consider_ancient persistence_backend persistence_backend_db_url",
        SECOND: "wrapper_prefix cache runtime_source_cache_path",
    },
}
"""Everything that may be set on the command line or in a profile."""

NESTED_MARKS = {"nodelocal", "pipe", "repeat", "service", "storage_object"}


def settings() -> Iterator[tuple[str, str]]:
    for name, kind in vars(types).items():
        if is_dataclass(kind) and kind.__module__ == types.__name__:
            yield from ((name, field.name) for field in fields(kind))


@pytest.mark.parametrize(("kind", "name"), list(settings()))
def test_every_setting_of_snakemake_has_been_thought_of(kind: str, name: str) -> None:
    known = [what for what, names in SETTINGS.get(kind, {}).items() if name in names.split()]
    assert len(known) == 1, f"{kind}.{name}: does it act on a plain command?"


def test_every_keyword_of_rules_has_been_thought_of() -> None:
    assert set(vars(RuleInfo())) <= KEYWORDS


def test_every_mark_on_files_has_been_thought_of() -> None:
    """Snakemake sets them by `flag(value, NAME)`."""
    folder = Path(str(sys.modules["snakemake"].__file__)).parent
    sources = [folder / "io/__init__.py", folder / "ioflags.py", Path(access_patterns.__file__)]
    found = set()
    for line in "".join(path.read_text() for path in sources).split("flag(")[1:]:
        words = line.split(")")[0].split(",")
        name = words[1].strip() if len(words) > 1 else ""
        found |= {name.strip("\"'")} if name.startswith(("'", '"')) else set()
    assert {"ancient", "pipe", "ensure"} <= found
    assert found <= MARKS | NESTED_MARKS


class Rule:
    def __init__(self, **keywords: object) -> None:
        self.ruleinfo = RuleInfo()
        vars(self.ruleinfo).update(keywords)


def test_a_keyword_of_a_later_snakemake_is_left_to_that_snakemake() -> None:
    assert not _has_unknown_keywords(Rule(threads=4))
    assert _has_unknown_keywords(Rule(sandbox="strict"))


FEATURES = """
LOCAL = "of the main workflow"
configfile: "main.yaml"
envvars: "GIVEN"
shell.prefix("LATER=prefix; ")
shell.suffix("; echo $LATER >> suffix.txt")

module other:
    snakefile: "other.smk"
    config: {"word": "of the module"}

use rule * from other as other_*

rule all:
    default_target: True
    input: "a.txt", "b.txt", "c", "d.txt", "f.txt", "g.txt", "h.txt", "module.txt", "i.txt"

rule a:
    output: temp("a.tmp"), protected("a.txt")
    shell: "echo $GIVEN {wildcards} {config[word]} | tee {output}"

def parts(wildcards):
    return {"first": "a.txt"}

rule b:
    input: unpack(parts)
    output: ensure("b.txt", non_empty=True)
    params: size=lambda wildcards, input, threads, resources: resources.mem_mb * threads
    threads: 2
    resources: mem_mb=100
    shell: "cat {input.first} > {output}; echo {params.size} $VECLIB_MAXIMUM_THREADS >> {output}"

rule c:
    input: "b.txt"
    output: directory("c")
    log: "logs/c.txt"
    shell: "mkdir {output}; echo c > {output}/file 2> {log}"

rule d:
    output: "d.txt"
    resources: shell_exec="sh"
    shell: "echo $0 > {output}"

rule e:
    output: touch("e.txt")
    shell: "true"

rule f:
    input: ancient("e.txt")
    output: update("f.txt")
    shell: "echo more >> {output}"

rule g:
    input: before="e.txt"
    output: report("g.txt", category="x")
    priority: 5
    retries: 1
    shell: "test -e again || {{ touch again; exit 1; }}; echo {input.before:q} > {output}"

rule h:
    input: "h-{word}.txt".format(word=config["word"])
    output: "h.txt"
    message: "making {output}"
    shell: "cat {input} > {output}"

rule i:
    input: expand("i-{n}.txt", n=[1, 2])
    output: "i.txt"
    run:
        with open(output[0], "w") as file:
            file.write(" ".join(input))

rule named:
    name: "i_of_n"
    output: "i-{n}.txt"
    wildcard_constraints: n="[0-9]+"
    shell: "echo {rule} {wildcards.n} > {output}"

rule word:
    output: "h-{word}.txt"
    wildcard_constraints: word="[a-z]+"
    shell: "echo {wildcards.word} > {output}"
"""

OTHER = """
LOCAL = "variable"

rule it:
    output: "module.txt"
    shell: "echo {config[word]} {LOCAL} > {output}"
"""


def results(folder: Path, *arguments: str) -> dict[str, str]:
    """What a run makes of the same workflow."""
    folder.mkdir()
    (folder / "Snakefile").write_text(FEATURES)
    (folder / "other.smk").write_text(OTHER)
    (folder / "main.yaml").write_text("word: main\n")
    (folder / "f.txt").write_text("before\n")
    done = subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores=2", "--jobs=2", *arguments],
        cwd=folder,
        env={**os.environ, "GIVEN": "a given word"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    files = [path for path in folder.rglob("*") if path.is_file()]
    mine = [path for path in files if ".snakemake" not in path.parts]
    return {
        str(path.relative_to(folder)): "".join(sorted(path.read_text().splitlines(keepends=True)))
        for path in mine
    }


def test_results_are_those_of_snakemakes_own_executor(tmp_path: Path) -> None:
    arguments = ("--executor=submitit", "--submitit-cluster=local", "--submitit-keep-logs")
    plain = results(tmp_path / "plain", *arguments)
    own = results(tmp_path / "own")
    assert plain == own
    assert not os.access(tmp_path / "plain/a.txt", os.W_OK) or os.getuid() == 0
    batches = (tmp_path / "plain/.snakemake/submitit").glob("*/closed.jsonl")
    assert sum("-m snakemake" in path.read_text() for path in batches) == 1


@pytest.mark.parametrize("more", ["", "shadow: 'minimal'"])
def test_a_precommand_comes_before_each_command(tmp_path: Path, more: str) -> None:
    workflow = SmallWorkflow(tmp_path, "true", jobs=1)
    command = "echo $X $TMP $OMP_NUM_THREADS 'x' > {output}"
    text = f"""
rule all:
    input: "out/0"
rule job:
    output: "out/{{i}}"
    threads: 2
    {more}
    shell: "{command}"
"""
    (tmp_path / "Snakefile").write_text(text)
    precommand = f"export X='a b' TMPDIR={tmp_path} OMP_NUM_THREADS=7"
    workflow.start("--precommand", precommand, "--cores=2", cluster="local").ends()
    assert (tmp_path / "out/0").read_text() == f"a b {tmp_path} 2 x\n"


def test_a_precommand_that_fails_is_a_job_that_fails(tmp_path: Path) -> None:
    workflow = SmallWorkflow(tmp_path, "true", jobs=1)
    said = workflow.start("--precommand", "exit 7", cluster="local").ends(well=False)
    assert "ended with exit status 7" in said
    assert workflow.ran() == []


def test_a_jobscript_is_run_around_each_job(tmp_path: Path) -> None:
    (tmp_path / "script.sh").write_text("#!/bin/sh\n# {properties}\nexport X=set\n{exec_job}\n")
    workflow = SmallWorkflow(tmp_path, "echo $X > seen", jobs=1)
    workflow.start("--jobscript=script.sh", cluster="local").ends()
    assert (tmp_path / "seen").read_text() == "set\n"


def test_submitting_without_waiting_for_input_is_refused(tmp_path: Path) -> None:
    workflow = SmallWorkflow(tmp_path, "true", jobs=1)
    said = workflow.start("--immediate-submit", "--notemp", cluster="local").ends(well=False)
    assert "--immediate-submit is not supported" in said
