"""What is said about a failed job."""

from snakemake_executor_plugin_submitit.failures import printable, refused
from snakemake_executor_plugin_submitit.verdicts import UNKNOWN


def test_what_a_terminal_would_obey_is_escaped_and_lines_stay() -> None:
    assert printable("a\x1b[31m\r\x9b\u202e\n\tb\ud800") == (
        "a\\x1b[31m\\r\\x9b\\u202e\n\tb\\ud800"
    )
    assert (
        "refused the jobs: sbatch: \\x1b]0;x\\x07"
        in refused("sbatch: \x1b]0;x\x07", UNKNOWN).message
    )
