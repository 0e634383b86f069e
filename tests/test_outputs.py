"""A file that a user names is replaced only if it is an earlier product of the same command."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from harmonica_steps.cli import main
from harmonica_steps.results.search_run import SearchRun

sys.path.append(str(Path(__file__).parent / "export"))
from export_support import CONFIG, metric, run_search

COMMANDS = {
    "csv": (["export", "{root}", "--format", "csv", "--output", "{file}"], "t.csv"),
    "optuna": (["export", "{root}", "--output", "{file}"], "s.journal"),
    "configspace": (
        ["export", "{root}", "--format", "configspace", "--output", "{file}"],
        "s.json",
    ),
    "report": (["report", "{root}", "--output", "{file}"], "r.html"),
    "svg": (["figures", "{root}", "--output", "{folder}"], "progress.svg"),
    "png": (["figures", "{root}", "--output", "{folder}", "--format", "png"], "progress.png"),
    "schema": (["schema", "--output", "{file}"], "schema.json"),
}
OTHERS = {
    "text": b"of mine\n",
    "json": b'{"a": [1, 2]}',
    "list": b"[]",
    "lines": b'{"worker_id": "me"}\n',
    "deep": b"[" * 100_000,
    "table": b"part,trial\n",
    "picture": b"\x89PNG\r\n\x1a\n" + bytes(40),
    "drawing": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
    "page": b'<!DOCTYPE html>\n<html lang="en"><title>Harmonica</title>',
    "not text": b"\xff\xfe\x00",
    "a space of ConfigSpace's": json.dumps(
        {"name": None, "hyperparameters": [{"type": "constant", "name": "a", "meta": None}]}
    ).encode(),
}


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> SearchRun:
    space = {name: entry for name, entry in CONFIG["space"].items() if name != "odd"}
    root = tmp_path_factory.mktemp("search") / "results/mixed"
    return run_search(root, {**CONFIG, "space": space}, metric)


def run(kind: str, search: SearchRun, file: Path) -> int:
    words = (
        word.format(root=search.folder.root, file=file, folder=file.parent)
        for word in COMMANDS[kind][0]
    )
    return main(list(words))


@pytest.mark.parametrize("kind", COMMANDS)
def test_only_earlier_products_and_empty_files_are_replaced(
    kind: str, search: SearchRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / COMMANDS[kind][1]
    # Figures are drawn before each refusal.
    some = ("text", "picture", "drawing") if kind in ("svg", "png") else OTHERS
    for name in some:
        content = OTHERS[name]
        file.write_bytes(content)
        assert run(kind, search, file) == 1, name
        message = capsys.readouterr().err
        assert f"{file}: already exists" in message
        assert "Choose another --output, or delete the file first" in message
        assert file.read_bytes() == content
        assert list(tmp_path.iterdir()) == [file]
    file.write_bytes(b"")
    assert run(kind, search, file) == 0
    made = file.read_bytes()
    assert run(kind, search, file) == 0
    assert file.read_bytes() == made


def test_no_product_is_an_earlier_one_of_another_command(search: SearchRun, tmp_path: Path) -> None:
    made = {}
    for kind, (_, name) in COMMANDS.items():
        assert run(kind, search, tmp_path / kind / name) == 0
        made[kind] = (tmp_path / kind / name).read_bytes()
    for kind, (_, name) in COMMANDS.items():
        for other in set(made) - ({"svg", "png"} if kind in ("svg", "png") else {kind}):
            path = tmp_path / f"{kind}-{other}" / name
            path.parent.mkdir()
            path.write_bytes(made[other])
            assert run(kind, search, path) == 1, (kind, other)
            assert path.read_bytes() == made[other]


@pytest.mark.parametrize(
    "name",
    [
        *("best.json", "plan.json", "config.json", "stage-1/metrics.tsv", "final/new.json"),
        *("stage-1/work/0001/x.json", "archive/x.json", "stage-9/samples.jsonl", "aside/x.json"),
        ".lock",
    ],
)
@pytest.mark.parametrize("kind", ["csv", "optuna", "configspace", "report", "schema"])
def test_a_name_in_a_search_is_refused_whether_it_is_there_or_not(
    kind: str, name: str, search: SearchRun, capsys: pytest.CaptureFixture[str]
) -> None:
    if kind == "schema" and not name.endswith(".json"):
        return
    file = search.folder.root / name
    before = file.read_bytes() if file.is_file() else None
    assert run(kind, search, file) == 1
    assert "is the name of a file of the search in" in capsys.readouterr().err
    assert (file.read_bytes() if file.is_file() else None) == before


def test_a_link_into_a_search_is_no_way_around(search: SearchRun, tmp_path: Path) -> None:
    (tmp_path / "here").symlink_to(search.folder.root)
    (tmp_path / "table.csv").symlink_to(search.folder.best)
    best = search.folder.best.read_bytes()
    assert run("csv", search, tmp_path / "here/final/new.csv") == 1
    assert run("csv", search, tmp_path / "table.csv") == 1
    assert search.folder.best.read_bytes() == best
    assert (tmp_path / "table.csv").is_symlink()


def test_what_is_not_a_file_is_never_replaced(
    search: SearchRun, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pipe, folder, nowhere = (tmp_path / name for name in ("pipe", "folder", "nowhere"))
    os.mkfifo(pipe)
    folder.mkdir()
    nowhere.symlink_to(tmp_path / "missing/file")
    for path in (pipe, folder, nowhere, Path(os.devnull)):
        assert run("csv", search, path) == 1
        assert f"{path}: cannot be written, it is not a file" in capsys.readouterr().err
    assert pipe.is_fifo()
    assert folder.is_dir()
    assert nowhere.is_symlink()
    assert Path(os.devnull).is_char_device()


def test_the_link_that_stands_for_standard_output_is_not_replaced(
    search: SearchRun, tmp_path: Path
) -> None:
    link = tmp_path / "stdout"
    link.symlink_to("/proc/self/fd/1")
    command = ["export", str(search.folder.root), "--format", "csv", "--output", str(link)]
    with (tmp_path / "out.csv").open("w") as out:
        run = subprocess.run(
            [sys.executable, "-m", "harmonica_steps", *command], stdout=out, check=False
        )
    assert run.returncode == 1
    assert link.is_symlink()


def test_force_replaces_a_config_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("train.py").write_text("def objective(c):\n    return c['a'] * 0.5\n")
    os.mkfifo("pipe.yaml")
    assert main(["init", "train.py", "--output", "pipe.yaml", "--force"]) == 1
    assert "is not a file" in capsys.readouterr().err
    assert Path("pipe.yaml").is_fifo()
