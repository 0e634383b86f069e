"""Snakemake executor that submits jobs with submitit: in arrays, in packs, to SLURM or locally."""

import os
import platform
from collections.abc import AsyncGenerator
from functools import partial
from typing import TYPE_CHECKING, Any

from snakemake_interface_common.exceptions import WorkflowError
from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor
from snakemake_interface_executor_plugins.settings import CommonSettings

from snakemake_executor_plugin_submitit.machine import (
    at_least,
    can_wait,
    check_prefix,
    check_status_command,
    choose_cluster,
    max_array_size,
)
from snakemake_executor_plugin_submitit.settings import FILES, ExecutorSettings

__all__ = ["Executor", "ExecutorSettings", "common_settings"]

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snakemake_executor_plugin_submitit.batch import Batch, Piece
    from snakemake_executor_plugin_submitit.failures import Outcome
    from snakemake_executor_plugin_submitit.ledger import OpenBatch
    from snakemake_executor_plugin_submitit.retries import Tried
    from snakemake_executor_plugin_submitit.work import Work

SOON = 0.1
"""Seconds after which status files are looked for again when something has just happened."""


common_settings = CommonSettings(
    non_local_exec=True,
    implies_no_shared_fs=False,
    job_deploy_sources=False,
    pass_default_storage_provider_args=True,
    pass_default_resources_args=True,
    pass_envvar_declarations_to_cmd=False,  # jobs inherit them: secrets are not written down
    auto_deploy_default_storage_provider=False,
    pass_group_args=True,
)


class Executor(RemoteExecutor):  # type: ignore[misc]
    """Mediates between Snakemake, which knows jobs, and the controller, which knows pieces."""

    def __post_init__(self) -> None:
        # Snakemake loads every plugin at every start; submitit only when it is used.
        from snakemake_executor_plugin_submitit.batch import Packing
        from snakemake_executor_plugin_submitit.controller import Controller
        from snakemake_executor_plugin_submitit.efficiency import Report
        from snakemake_executor_plugin_submitit.ledger import Ledger
        from snakemake_executor_plugin_submitit.local_queue import LocalQueue
        from snakemake_executor_plugin_submitit.nodes import FailedNodes
        from snakemake_executor_plugin_submitit.partitions import partition_table
        from snakemake_executor_plugin_submitit.refusals import Refusals
        from snakemake_executor_plugin_submitit.retention import delete_old
        from snakemake_executor_plugin_submitit.slurm_queue import SlurmQueue
        from snakemake_executor_plugin_submitit.work import Plan

        os.environ.update(self.envvars())  # credentials of storage may come from elsewhere
        settings = self.workflow.executor_settings
        cluster = choose_cluster(settings.cluster)
        self.latest = 2.0 if cluster == "slurm" else 0.2
        local = cluster != "slurm"
        for name in ("memory_factor", "time_factor"):
            at_least(name, getattr(settings, name), 1)
        can_wait(self.workflow.remote_execution_settings)
        latency = self.workflow.execution_settings.latency_wait
        self.settings = settings
        self.tried: dict[str, Tried] = {}
        self.works: dict[Any, Work] = {}
        self.refusals = Refusals(
            self.warn,
            lambda job: self.report_job_error(SubmittedJobInfo(job)),
            lambda job: self.workflow.scheduler.error_callback(job),
            self.logger,
        )
        arrays = max_array_size() if settings.array_limit is None else settings.array_limit
        self.partitions = None if local else partition_table(settings.partition_config)
        self.unplaced: set[str] = set()
        wanted, path = settings.efficiency_report, settings.efficiency_report_path
        self.efficiency = Report(path, settings.efficiency_threshold) if wanted else None
        restarts = 0 if settings.no_requeue else at_least("restarts", settings.restarts, 0)
        nodes = FailedNodes(settings.exclude_failed_nodes, self.warn)
        asking = check_status_command(settings.status_command, cluster)
        poll = (settings.poll_min, settings.poll_max)
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
                    partitions=self.partitions,
                    options={} if restarts else {"no-requeue": True},
                    prefix=check_prefix(settings.jobname_prefix),
                ),
                common={
                    "cwd": os.getcwd(),  # noqa: PTH109
                    "latency": latency,
                    "restarts": restarts,
                    "resumable": settings.resumable,
                },
                parallelism=settings.array_parallelism,
                poll=(1, 2) if local else FILES if asking == "files" else poll,
                grace=latency,
                nodes=None if local else nodes,
            ),
            Ledger(settings.folder, place, keep_logs=settings.keep_logs),
            LocalQueue() if local else SlurmQueue(asking),
            self.warn,
            None if local else self.tell,
        )
        if not settings.keep_logs:
            delete_old(settings.folder, settings.delete_logfiles_older_than)

    def warn(self, message: str) -> None:
        """Report an obstacle, after which another try follows."""
        from snakemake_executor_plugin_submitit.failures import printable

        self.logger.warning(printable(message))

    def tell(self, batch: "Batch", opened: "OpenBatch") -> None:
        """Report what has been submitted."""
        from snakemake_executor_plugin_submitit.messages import submission

        self.logger.info(submission(batch, opened))

    def processors(self) -> int:
        """Processors of this machine that jobs may use."""
        cores = self.workflow.resource_settings.cores
        return min(cores or os.cpu_count() or 1, os.cpu_count() or 1)

    def run_jobs(self, jobs: list[Any]) -> None:
        """Take all jobs of a scheduling round together."""
        from snakemake_executor_plugin_submitit.direct import (
            identify,
            is_still_good,
            make_piece,
            prepare,
        )
        from snakemake_executor_plugin_submitit.failures import Outcome
        from snakemake_executor_plugin_submitit.retries import prepare_retry
        from snakemake_executor_plugin_submitit.work import Work

        factory, new, unfit = self.workflow.spawned_job_args_factory, {}, []
        precommand = factory.precommand(self.common_settings)
        for job in jobs:
            tried = self.tried.get(identify(job)) if job.attempt > 1 else None
            grown = prepare_retry(job, tried.causes, self.settings) if tried else {}
            self.run_job_pre(job)
            try:
                piece = make_piece(
                    job, partial(self.second_snakemake, grown), precommand, grown, tried
                )
            except WorkflowError as error:
                unfit.append((job, str(error)))
                continue
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
        self.warn_unplaced(new.values())
        for job, work in zip(new, self.controller.submit(new.values()), strict=True):
            self.report(job, work)
        self.refusals.report(unfit)

    def warn_unplaced(self, pieces: "Iterable[Piece]") -> None:
        """Say once for each rule that no partition of the table is large enough."""
        if self.partitions is None:
            return
        for piece in pieces:
            why = self.partitions.obstacles(piece.resources)
            if why and piece.rule not in self.unplaced:
                self.unplaced.add(piece.rule)
                self.warn(
                    f"Rule {piece.rule} does not fit any partition of submitit-partition-config; "
                    f"SLURM chooses one. {why}."
                )

    def second_snakemake(self, grown: dict[str, int], job: Any) -> str:
        """The command of a job that is more than a shell command."""
        from snakemake_executor_plugin_submitit.nested import in_jobscript, resource_arguments

        arguments = resource_arguments(job, grown)
        return in_jobscript(self, job, f"{self.format_job_exec(job)} {arguments}".strip())

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
        refused = []
        for info in active_jobs:
            work: Work = info.aux["work"]
            outcome = work.outcome
            info.external_jobid = work.job_id
            if outcome is None or self.controller.cancelled:  # interrupted jobs have not failed
                yield info
                continue
            if outcome.cause == "refused":
                refused.append((info.job, outcome.message))
                continue
            if self.efficiency:
                self.efficiency.note(work)
            if outcome.ok:
                self.report_job_success(info)
            else:
                self.fail(info, work.piece, outcome)
        self.refusals.report(refused)
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

    def shutdown(self) -> None:
        """Report what jobs have used, after the last of them."""
        super().shutdown()
        try:
            if self.efficiency and (text := self.efficiency.finish()):
                self.logger.info(text)
        except OSError as error:
            self.warn(f"submitit-efficiency-report-path: {error.filename}: {error.strerror}.")

    def handle_job_success(self, job: Any) -> None:
        """Forget a job that Snakemake has on record."""
        self.controller.close(self.works.pop(job))

    def handle_job_error(self, job: Any) -> None:
        """Forget a job that Snakemake has on record, such as one without its output files."""
        from snakemake_executor_plugin_submitit.retries import Tried

        if work := self.works.pop(job, None):  # a job that cannot be submitted has none
            self.tried.setdefault(work.piece.key, Tried(work.piece.digest))
            self.controller.close(work, well=False)

    def cancel_jobs(self, active_jobs: list[SubmittedJobInfo]) -> None:
        """Cancel all jobs; Snakemake's list of them is empty while it asks for their status."""
        self.controller.cancel()
