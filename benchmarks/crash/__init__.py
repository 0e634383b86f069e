"""A search and its steps, disturbed in every way: see `__main__`."""

import sys
from pathlib import Path

# The search is that of the tests of the workflow.
sys.path.insert(0, str(Path(__file__).parents[2] / "tests/workflow"))
