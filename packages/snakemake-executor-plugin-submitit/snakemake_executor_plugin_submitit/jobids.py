"""Job ids: 411, 411_4 for a task of an array, 411_4;far on a cluster that had to be named."""

from collections import defaultdict
from collections.abc import Iterable


def job_id_on(job_id: str, cluster: str | None) -> str:
    """A job id as sbatch --parsable writes it; the cluster is only there if it had to be named."""
    return f"{job_id};{cluster}" if cluster else job_id


def task_id(array: str, index: int) -> str:
    """The id of an array's task: 411_4, or 411_4;far."""
    job_id, cluster = split_id(array)
    return job_id_on(f"{job_id}_{index}", cluster)


def split_id(job_id: str) -> tuple[str, str]:
    """The id on its cluster, and the cluster's name: empty for the one that SLURM is set up for."""
    job_id, _, cluster = job_id.partition(";")
    return job_id, cluster


def by_cluster(job_ids: Iterable[str]) -> dict[str, set[str]]:
    """Ids without their cluster, by cluster."""
    clusters: dict[str, set[str]] = defaultdict(set)
    for job_id in job_ids:
        here, cluster = split_id(job_id)
        clusters[cluster].add(here)
    return clusters
