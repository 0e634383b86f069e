"""The harness sees what it looks for; a fuzzer that sees nothing is content with everything."""

from pathlib import Path

import pytest
from fuzz_harness import Command, Ended, Input, Workshop, wrong

GIVEN = Input("start, bytes", "start.yaml", b"start: []\n")


def tried(workshop: Workshop, code: str, **about: str) -> str | None:
    """What is found wrong with a program."""
    command = Command(lambda path: ["python", "-c", code], **about)
    return workshop.try_out(command, GIVEN)[1]


def test_a_command_may_succeed_or_fail_with_a_sentence(workshop: Workshop) -> None:
    assert tried(workshop, "print('well')") is None
    assert tried(workshop, "import sys; sys.exit('harmonica: the file is damaged.')") is None


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("{}['a']", "traceback: KeyError in "),
        ("import json; json.loads('x')", "traceback: json.decoder.JSONDecodeError in "),
        ("import sys; sys.exit('harmonica: it failed: KeyError(1)')", "jargon KeyError: "),
        ("import sys; sys.exit('harmonica: it failed: ' + 5000 * 'x')", "more than 4 kB: "),
        ("import sys; sys.exit(1)", "fails without a sentence"),
        ("import sys; sys.exit(3)", "exit status 3"),
        ("import os; os.abort()", "killed by signal 6"),
        ("print('\\x1b[31mred')", "control character in what is shown"),
        ("found = bytearray(600 << 20)", "memory beyond 500 MiB"),
    ],
)
def test_a_wrong_end_is_seen(workshop: Workshop, code: str, fault: str) -> None:
    assert str(tried(workshop, code)).startswith(fault)


@pytest.mark.parametrize("code", ["while True: pass", "import time; time.sleep(1)"])
def test_a_hang_is_seen(workshop: Workshop, code: str, tmp_path: Path) -> None:
    ended = workshop.server.run(tmp_path, ["python", "-c", code], cpu=1)
    if "sleep" in code:  # as if it were longer
        assert ended.status == 0
        ended = ended._replace(seconds=26)
    assert str(wrong(ended)).startswith("hang in ")


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("harmonica.yaml", "writes inside/harmonica.yaml"),
        ("../evil", "writes evil"),
        ("../results/fuzz/plan.json", "writes results/fuzz/plan.json"),
        ("../home/new", "writes home/new"),
        ("../temporary/new", "writes temporary/new"),
        ("results/fuzz/best.json", "writes inside/results/fuzz/best.json"),
        ("results/fuzz/report.html", None),
    ],
)
def test_writing_elsewhere_is_seen(workshop: Workshop, path: str, fault: str | None) -> None:
    code = f"open({path!r}, 'a').write('x')"
    allowed = r"results/fuzz/report\.html"
    assert tried(workshop, code, writes=allowed) == fault
    failing = tried(
        workshop, f"{code}; import sys; sys.exit('harmonica: it failed')", writes=allowed
    )
    assert str(failing).startswith("fails and writes ")


def test_everything_is_put_back(workshop: Workshop) -> None:
    tried(workshop, "import shutil; shutil.rmtree('results'); open('new', 'w').write('x')")
    assert tried(workshop, "import os; assert os.listdir('results/fuzz'), 'x'") is None
    assert tried(workshop, "import os; assert not os.path.exists('new')") is None


def test_a_file_that_should_be_there_is_missed(workshop: Workshop) -> None:
    assert tried(workshop, "pass", leaves="new") == "ends well without its file"


def test_damage_that_is_not_seen_is_seen(workshop: Workshop) -> None:
    command = Command(lambda path: ["python", "-c", "pass"], sees_damage=True)
    assert workshop.try_out(command, GIVEN)[1] == "damage is not seen"


def test_a_killed_command_is_a_hang_by_its_innermost_frame() -> None:
    stack = 'File "/x/harmonica_steps/files.py", line 3 in read\n  File "/x/cli.py", line 1 in main'
    assert wrong(Ended(-24, 5.0, 5.0, 0, "", stack)) == "hang in files.py:read"
