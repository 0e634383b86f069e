"""Harmonica: spectral hyperparameter optimisation as a Snakemake workflow."""

__version__ = "0.2.0"
