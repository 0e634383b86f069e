"""Snakemake executor that submits jobs with submitit: in arrays, in packs, to SLURM or locally."""

import os
import platform
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional

from snakemake_interface_common.exceptions import WorkflowError
from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor
from snakemake_interface_executor_plugins.settings import CommonSettings, ExecutorSettingsBase

from snakemake_executor_plugin_submitit.machine import (
    CLUSTERS,
    at_least,
    can_wait,
    choose_cluster,
    max_array_size,
)

if TYPE_CHECKING:
    from snakemake_executor_plugin_submitit.batch import Batch, Piece
    from snakemake_executor_plugin_submitit.controller import Work
    from snakemake_executor_plugin_submitit.failures import Outcome
    from snakemake_executor_plugin_submitit.ledger import OpenBatch
    from snakemake_executor_plugin_submitit.retries import Tried

SOON = 0.1
"""Seconds after which status files are looked for again when something has just happened."""


def _setting(default: Any, text: str, **metadata: Any) -> Any:
    return field(default=default, metadata={"help": text, **metadata})


@dataclass
class ExecutorSettings(ExecutorSettingsBase):  # type: ignore[misc]
    """Settings on the command line and in profiles, there as ``submitit-...``."""

    cluster: str = _setting(
        "auto",
        "Where jobs run: slurm, local (processes on this machine, as many as --cores allows), "
        "debug (in the foreground), or auto: slurm where there is one, else local.",
        choices=list(CLUSTERS),
    )
    folder: Path = _setting(
        Path(".snakemake/submitit"),
        "Folder, seen by all nodes, for what is submitted, its status and its logs.",
    )
    pack: int = _setting(
        1,
        "Jobs that one task of an array runs, at most. Each has its own result and retries. The "
        "task asks for the time of all of them. In local mode packs get smaller so that each core "
        "has work.",
    )
    parallel: int = _setting(
        1, "How many jobs of a pack run side by side; the task asks for their cores and memory."
    )
    longest: Optional[int] = _setting(
        None,
        "Minutes that a task may ask for, such as the partition's limit: packs get smaller to fit.",
    )
    array_limit: Optional[int] = _setting(
        None, "Tasks in an array, at most. Default: the cluster's MaxArraySize."
    )
    array_parallelism: Optional[int] = _setting(
        None, "Tasks of an array that run at a time, at most. Default: as many as SLURM allows."
    )
    poll_min: int = _setting(
        10,
        "Seconds after which SLURM is asked about jobs without a result; one query for all jobs. "
        "The time grows while nothing happens.",
    )
    poll_max: int = _setting(180, "Seconds between two queries, at most.")
    restarts: int = _setting(
        10,
        "How often SLURM may start a task again (preempted, node lost, out of time) before its "
        "jobs count as failed.",
    )
    resumable: bool = _setting(
        False,
        "Jobs go on from a checkpoint of their own: a task that runs out of time is queued again. "
        "Without it, only a task that has finished one of its jobs is.",
    )
    memory_factor: float = _setting(
        2.0, "A retried job that lacked memory asks for this much more (see retries:)."
    )
    time_factor: float = _setting(
        2.0, "A retried job that ran out of time asks for this much more (see retries:)."
    )
    keep_logs: bool = _setting(False, "Keep the logs of jobs that went well.")


common_settings = CommonSettings(
    non_local_exec=True,
    implies_no_shared_fs=False,
    job_deploy_sources=False,
    pass_default_storage_provider_args=True,
    pass_default_resources_args=True,
    pass_envvar_declarations_to_cmd=True,
    auto_deploy_default_storage_provider=False,
    pass_group_args=True,
)


class Executor(RemoteExecutor):  # type: ignore[misc]
    """Between Snakemake, which knows jobs, and the controller, which knows pieces."""

    def __post_init__(self) -> None:
        # Snakemake loads every plugin at every start; submitit only when it is used.
        from snakemake_executor_plugin_submitit.batch import Packing
        from snakemake_executor_plugin_submitit.controller import Controller, Plan
        from snakemake_executor_plugin_submitit.ledger import Ledger

        settings = self.workflow.executor_settings
        cluster = choose_cluster(settings.cluster)
        self.latest = 2.0 if cluster == "slurm" else 0.2
        self.local = local = cluster != "slurm"
        for name in ("memory_factor", "time_factor"):
            at_least(name, getattr(settings, name), 1)
        can_wait(self.workflow.remote_execution_settings)
        latency = self.workflow.execution_settings.latency_wait
        self.settings = settings
        self.tried: dict[str, Tried] = {}
        self.works: dict[Any, Work] = {}
        arrays = max_array_size() if settings.array_limit is None else settings.array_limit
        place = f"processes of {platform.node()}" if local else "slurm"
        self.controller = Controller(
            Plan(
                cluster=cluster,
                packing=Packing(
                    pack=at_least("pack", settings.pack, 1),
                    parallel=at_least("parallel", settings.parallel, 1),
                    array=1 if local else at_least("array_limit", arrays, 1),
                    longest=settings.longest,
                    processors=self.processors() if local else None,
                ),
                common={
                    "cwd": os.getcwd(),  # noqa: PTH109
                    "latency": latency,
                    "restarts": at_least("restarts", settings.restarts, 0),
                    "resumable": settings.resumable,
                },
                parallelism=settings.array_parallelism,
                poll=(1, 2) if local else (settings.poll_min, settings.poll_max),
                grace=latency,
            ),
            Ledger(settings.folder, place, keep_logs=settings.keep_logs),
            self.warn,
            None if local else self.tell,
        )

    def warn(self, message: str) -> None:
        """Say what is in the way, and will be tried again."""
        from snakemake_executor_plugin_submitit.failures import printable

        self.logger.warning(printable(message))

    def tell(self, batch: "Batch", opened: "OpenBatch") -> None:
        """Say what has been submitted."""
        from snakemake_executor_plugin_submitit.messages import submission

        self.logger.info(submission(batch, opened))

    def processors(self) -> int:
        """Processors of this machine that jobs may use."""
        cores = self.workflow.resource_settings.cores
        return min(cores or os.cpu_count() or 1, os.cpu_count() or 1)

    def run_jobs(self, jobs: list[Any]) -> None:
        """Take all jobs of a scheduling round together."""
        from snakemake_executor_plugin_submitit.controller import Work
        from snakemake_executor_plugin_submitit.direct import (
            Surroundings,
            identify,
            is_still_good,
            make_piece,
            prepare,
        )
        from snakemake_executor_plugin_submitit.failures import Outcome
        from snakemake_executor_plugin_submitit.retries import prepare_retry

        factory, new = self.workflow.spawned_job_args_factory, {}
        around = Surroundings(dict(self.envvars()), factory.precommand(self.common_settings))
        for job in jobs:
            tried = self.tried.get(identify(job)) if job.attempt > 1 else None
            grown = prepare_retry(job, tried.causes, self.settings) if tried else {}
            self.run_job_pre(job)
            try:
                piece = make_piece(job, partial(self.second_snakemake, grown), around, grown, tried)
            except WorkflowError as error:
                self.give_up(f"rule {job.name}: {error}")
                return
            good = partial(is_still_good, job, self.workflow.dag_settings)
            if work := self.controller.adopt(piece, good):
                self.report(job, work)
                continue
            if piece.plain:
                try:
                    self.workflow.async_run(prepare(job))
                except (WorkflowError, OSError) as error:
                    self.report(job, Work(piece, outcome=Outcome(False, message=str(error))))
                    continue
            new[job] = piece
        for job, work in zip(new, self.controller.submit(new.values()), strict=True):
            self.report(job, work)

    def second_snakemake(self, grown: dict[str, int], job: Any) -> str:
        """The command of a job that is more than a shell command."""
        from snakemake_executor_plugin_submitit.nested import in_jobscript, told

        return in_jobscript(self, job, f"{self.format_job_exec(job)} {told(job, grown)}".strip())

    def additional_general_args(self) -> str:
        """Leave retries to this Snakemake."""
        from snakemake_executor_plugin_submitit.nested import ONE_ATTEMPT

        return ONE_ATTEMPT

    def run_job(self, job: Any) -> None:
        """Take a single job."""
        self.run_jobs([job])

    def report(self, job: Any, work: "Work") -> None:
        """Tell Snakemake that a job is on its way."""
        self.works[job] = work
        self.report_job_submission(SubmittedJobInfo(job, aux={"work": work}))

    async def check_active_jobs(
        self, active_jobs: list[SubmittedJobInfo]
    ) -> AsyncGenerator[SubmittedJobInfo, None]:
        """Report what has ended, and look again: soon if something happens, later if not."""
        if not active_jobs:  # also before __post_init__
            self.next_seconds_between_status_checks = SOON
            return
        try:
            changed = self.controller.tick()
        except OSError as error:  # a full disk, a network file system that is away: try again
            self.warn(f"submitit executor: {error}; trying again.")
            changed = False
        except Exception as error:
            self.controller.cancel()  # local tasks would live on unseen
            raise WorkflowError(f"submitit executor: {type(error).__name__}: {error}") from error
        for info in active_jobs:
            work: Work = info.aux["work"]
            outcome = work.outcome
            info.external_jobid = work.job_id
            if outcome is None or self.controller.cancelled:  # interrupted jobs have not failed
                yield info
                continue
            tried = self.tried.get(work.piece.key)
            if outcome.cause == "refused" and not tried:  # a retry may have asked for too much
                self.give_up(outcome.message)
                return
            if outcome.ok:
                self.report_job_success(info)
            else:
                self.fail(info, work.piece, outcome)
        later = min(self.next_seconds_between_status_checks * 1.2, self.latest)
        self.next_seconds_between_status_checks = SOON if changed else later

    def fail(self, info: SubmittedJobInfo, piece: "Piece", outcome: "Outcome") -> None:
        """Tell Snakemake, and the user, that a job has failed."""
        from snakemake_executor_plugin_submitit import messages
        from snakemake_executor_plugin_submitit.retries import Tried

        self.tried.setdefault(piece.key, Tried(piece.digest)).causes[outcome.cause] += 1
        messages.failure(self.logger, info.job, outcome)
        logs = [str(outcome.log)] if outcome.log else []
        self.report_job_error(info, msg=f"{outcome.message}\n", aux_logs=logs)

    def give_up(self, reason: str) -> None:
        """End this Snakemake: as it asks for jobs, none can be had. Those on SLURM go on."""
        if self.local:
            self.controller.cancel()
        self.workflow.scheduler.executor_error_callback(
            WorkflowError(
                f"{reason}\nCorrect what the jobs ask for (default-resources in the profile) and "
                "rerun the same command: queued jobs keep running and are adopted by it."
            )
        )

    def handle_job_success(self, job: Any) -> None:
        """Forget a job that Snakemake has on record."""
        self.controller.close(self.works.pop(job))

    def handle_job_error(self, job: Any) -> None:
        """Forget a job that Snakemake has on record, such as one without its output files."""
        from snakemake_executor_plugin_submitit.retries import Tried

        work = self.works.pop(job)
        self.tried.setdefault(work.piece.key, Tried(work.piece.digest))
        self.controller.close(work, well=False)

    def cancel_jobs(self, active_jobs: list[SubmittedJobInfo]) -> None:
        """End all jobs; Snakemake's list of them is empty while it asks for their status."""
        self.controller.cancel()
