"""What a search will do and cost, before it runs."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from report_support import CONFIG, hostile_metric, plan, train_part

from harmonica_steps.cli import main
from harmonica_steps.config import parse
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.report.plan_view import Cost, Machine, show_plan
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.results.plan import write_plan
from harmonica_steps.search.plan import plan as plan_of
from harmonica_steps.steps.draw import draw_part
from harmonica_steps.workflow import Workflow


def shown(root: Path, machine: Machine, capsys: pytest.CaptureFixture[str]) -> str:
    show_plan(plan_of(parse(CONFIG)), 60, root, machine)
    return " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("trainings", "machine", "expected"),
    [
        (100, Machine(10), Cost(100, 2.0, 0.0, 10 * 72)),
        (101, Machine(10), Cost(101, 2.02, 0.0, 11 * 72)),
        (100, Machine(10, pack=30), Cost(4, 2.0, 0.0, 30 * 72)),
        (100, Machine(3, pack=30), Cost(4, 2.0, 0.0, 2 * 30 * 72)),
        (5, Machine(10, pack=30), Cost(1, 0.1, 0.0, 5 * 72)),
        (100, Machine(1000, cpus=4, gpus=2), Cost(100, 8.0, 4.0, 72)),
        (0, Machine(10), Cost(0, 0.0, 0.0, 0.0)),
    ],
)
def test_the_cost_of_trainings_of_72_seconds(
    trainings: int, machine: Machine, expected: Cost
) -> None:
    assert Cost.of(trainings, 72, machine) == pytest.approx(expected)


def test_the_plan_of_a_search_that_has_not_begun(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    output = shown(tmp_path / "made-up", Machine(50, pack=5, gpus=1), capsys)
    assert "│ stage-1 │ 150 │ 150 │ 30 │ 1 │ 2.5 │ 2.5 │ 5.0 min │ │" in output
    assert "243 trainings in 5 consecutive rounds" in output
    assert "At most 4.05 core-hours and 4.05 GPU-hours" in output
    assert "50 tasks in parallel, if each training took its whole timeout of 60 s" in output
    assert "Done already" not in output
    assert not (tmp_path / "made-up").exists()


def test_what_is_done_is_not_to_do_and_tells_how_long_the_rest_takes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    search = plan(tmp_path / "made-up", CONFIG)
    draw_part(search, "stage-1")
    train_part(search, "stage-1", hostile_metric, range(100))
    output = shown(search.folder.root, Machine(1), capsys)
    assert "│ stage-1 │ 150 │ 50 │ 50 │" in output
    assert "Done already: 100 of the trainings" in output
    seconds = 50 * 2 + 80 * 2 + 9 * 2 + 3 * 4 + 12
    assert f"Expected from the trainings so far: about {seconds / 60:.1f} min more" in output


def test_the_plan_says_what_forbidden_combinations_leave(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    line = "The forbidden combinations leave"
    content: dict[str, Any] = {
        "search": "x",
        "objective": {"command": "true"},
        "space": {"a": {"type": "bool"}, "b": {"type": "int", "low": 1, "high": 3}},
        "final": {"optimiser": "random", "configurations": 3},
    }
    path = tmp_path / "x.yaml"
    path.write_text(yaml.safe_dump(content))
    assert main(["plan", str(path)]) == 0
    assert line not in capsys.readouterr().out
    path.write_text(yaml.safe_dump({**content, "forbidden": [{"a": True, "b": {"high": 2}}]}))
    assert main(["plan", str(path)]) == 0
    assert f"{line} 66.7 % of the space (samples are drawn by rejection)." in " ".join(
        capsys.readouterr().out.split()
    )


def plan_shown(
    objective: dict[str, Any], folder: Path, capsys: pytest.CaptureFixture[str]
) -> list[str]:
    content = {
        "search": "x",
        "objective": objective,
        "space": {
            "rate": {"type": "float", "low": 0, "high": 1},
            "mode": {"type": "categorical", "values": ["a b", "it's"]},
        },
        "final": {"configurations": 9, "fidelity": {"layers": 2}},
    }
    (folder / "x.yaml").write_text(yaml.safe_dump(content, sort_keys=False))
    assert main(["plan", "x.yaml"]) == 0
    return capsys.readouterr().out.splitlines()


def test_the_command_of_a_training_can_be_pasted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    command = f"echo {{args}} --out {{workdir}}/log.csv {100 * 'long '}{{budget}}"
    lines = plan_shown({"command": command, "metric_file": "log.csv"}, tmp_path, capsys)
    example = lines[lines.index("The command of a training, for example:") + 1]
    run = subprocess.run(["sh", "-c", example], capture_output=True, text=True, check=True)
    rate, mode = r"--rate 0\.\d+", "--mode (a b|it's)"
    folder = tmp_path / "results/x/final/rung-0/work/0000"
    end = f"--layers 2 --out {folder}/log.csv {100 * 'long '}1\n"
    assert re.fullmatch(f"{rate} {mode} {re.escape(end)}", run.stdout)
    assert not (tmp_path / "results").exists()


UNNAMED = "The command does not name"


@pytest.mark.parametrize(
    ("objective", "unnamed"),
    [
        ({"command": "echo {args}", "metric_pattern": "(.)"}, []),
        ({"command": "echo {config} {result}"}, []),
        (
            {"command": "echo --rate {rate} {result}"},
            [f"{UNNAMED} mode, layers: the program must read the JSON file $HARMONICA_CONFIG."],
        ),
        (
            {"command": "echo"},
            [
                f"{UNNAMED} rate, mode, layers: the program must",
                f"{UNNAMED} {{result}}: the program must",
            ],
        ),
    ],
)
def test_what_the_command_leaves_to_the_program_is_said(
    objective: dict[str, Any],
    unnamed: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    output = " ".join(" ".join(plan_shown(objective, tmp_path, capsys)).split())
    assert output.count(UNNAMED) == len(unnamed)
    assert all(sentence in output for sentence in unnamed)


def test_several_files_are_merged_as_snakemake_merges_them(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    assert main(["plan", "config/config.yaml", "config/examples/random.yaml"]) == 0
    output = capsys.readouterr().out
    assert "Plan of digits-random" in output
    assert "528 trainings in 1 round" in output


@pytest.mark.parametrize("option", ["--parallel", "--pack", "--cpus", "--gpus"])
@pytest.mark.parametrize("value", ["-1", "many", "1.5", "", "9" * 5000, "1000001", "nan"])
def test_a_wrong_number_is_refused_in_a_sentence(
    option: str, value: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["plan", f"{option}={value}"])
    least = 0 if option == "--gpus" else 1
    said = capsys.readouterr().err
    assert f"argument {option}: must be a whole number from {least} to 1,000,000, got " in said
    assert len(said) < 1_500


def test_figures_that_cannot_be_drawn_are_not_planned(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "1 draw_figures" in shown(tmp_path / "made-up", Machine(10), capsys)
    monkeypatch.setitem(sys.modules, "altair", None)
    assert "draw_figures" not in shown(tmp_path / "made-up", Machine(10), capsys)


SAME: dict[str, Any] = {
    "search": "x",
    "objective": {"command": "echo {args}", "metric_pattern": "(.)"},
    "space": {"rate": {"type": "float", "low": 0, "high": 1}},
    "final": {"optimiser": "random", "configurations": 3},
}


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"seed": 7}, "  - seed: 0 in the results, 7 in the config"),
        (
            {"space": {"speed": {"type": "bool"}}},
            '  - space: ["rate"] in the results, ["speed"] in the config',
        ),
        (
            {"objective": {**SAME["objective"], "metric": "loss"}},
            '  - objective.metric: "error" in the results, "loss" in the config',
        ),
    ],
)
def test_another_search_of_the_same_name_is_not_planned(
    change: dict[str, Any],
    line: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As snakemake would say; it used to say that its trainings are done."""
    monkeypatch.chdir(tmp_path)
    write_plan(SearchFolder(Path("results/x")), parse(SAME))
    Path("x.yaml").write_text(yaml.safe_dump({**SAME, "results": "results"}))
    assert main(["plan", "x.yaml"]) == 0
    assert "Done already: 0" in capsys.readouterr().out
    Path("x.yaml").write_text(yaml.safe_dump({**SAME, **change}))
    assert main(["plan", "x.yaml"]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    lines = shown.err.splitlines()
    assert lines[0] == "harmonica: results/x/ holds a search with another configuration:"
    assert line in lines
    with pytest.raises(HarmonicaError) as caught:
        Workflow(yaml.safe_load(Path("x.yaml").read_text()), ["x.yaml"])
    assert shown.err == f"harmonica: {caught.value}\n"


@pytest.mark.parametrize("words", ["values: [off, b]", "values: [010, b]", "values: [a, b], on: 1"])
def test_plan_and_snakemake_refuse_the_same_words(
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.yaml").write_text(f"{yaml.safe_dump(SAME)}start: [{{{words}}}]\n")
    assert main(["plan", "x.yaml"]) == 1
    told = capsys.readouterr().err
    assert "YAML reads" in told
    with pytest.raises(HarmonicaError) as caught:
        Workflow(SAME, ["x.yaml"])
    assert told == f"harmonica: {caught.value}\n"
    assert main(["run", "x.yaml"]) == 1
    assert capsys.readouterr().err == told
