"""All that a run of Snakemake with this executor imports, sooner or later."""

import pkgutil
from importlib import import_module

import snakemake.cli
import snakemake.storage
import snakemake_executor_plugin_submitit as plugin

NODE_SIDE = {"start_worker", "worker"}

for module in pkgutil.iter_modules(plugin.__path__):
    if module.name not in NODE_SIDE:
        import_module(f"{plugin.__name__}.{module.name}")

snakemake.cli.get_argument_parser()  # imports what the plugins need
