"""Starts the worker: ``python -IS start_worker.py BATCH OFFSET``.

Importing this package in earnest would load Snakemake. Its modules for nodes need the standard
library alone.
"""

import sys
import types
from pathlib import Path

if __name__ == "__main__":
    package = types.ModuleType("snakemake_executor_plugin_submitit")
    package.__path__ = [str(Path(__file__).parent)]
    sys.modules[package.__name__] = package

    from snakemake_executor_plugin_submitit.worker import main

    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
