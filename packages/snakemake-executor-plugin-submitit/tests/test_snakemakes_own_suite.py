"""Snakemake's own tests for executors, on this machine and on SLURM."""

from pathlib import Path

import pytest
from snakemake.common.tests import TestWorkflowsLocalStorageBase
from snakemake_executor_plugin_submitit import ExecutorSettings

from tests.slurm.cluster import Cluster


class TestLocal(TestWorkflowsLocalStorageBase):
    __test__ = True
    cluster = "local"

    def get_executor(self) -> str:
        return "submitit"

    def get_executor_settings(self) -> ExecutorSettings:
        return ExecutorSettings(cluster=self.cluster, folder=Path(".snakemake/submitit"), pack=2)


class TestDebug(TestLocal):
    cluster = "debug"
    test_group_workflow = None  # how commands are made does not depend on the cluster


class TestSlurm(TestLocal):
    cluster = "slurm"

    @pytest.fixture(autouse=True)
    def _on(self, cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SLURM_CONF", str(cluster.configuration))
