"""What an archive holds, and that the same folder gives the same bytes."""

import hashlib
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from archive_support import make_search

from harmonica_steps.archive.check import check
from harmonica_steps.archive.compression import zstd
from harmonica_steps.archive.container import write
from harmonica_steps.archive.create import LARGEST_LOG, archive
from harmonica_steps.archive.provenance import code, program_copies
from harmonica_steps.archive.restore import restore
from harmonica_steps.errors import HarmonicaError
from harmonica_steps.objective.program import definition
from harmonica_steps.results.search_run import SearchRun

ROOT = Path("results/tiny")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make_search(tmp_path)


def held(what: str) -> dict[str, bytes]:
    archive(SearchRun.at(ROOT), what)
    content: dict[str, bytes] = {}
    check(ROOT / f"archive/{what}.tar.zst", lambda name, p: content.update({name: b"".join(p)}))
    return content


def test_a_stage_holds_all_up_to_it_and_nothing_else() -> None:
    content = held("stage-1")
    parts = {name.split("/")[1] for name in content if name.startswith("search/")}
    assert parts == {"plan.json", "stage-1"}
    assert sum("/trials/" in name for name in content) == 12
    for name, data in content.items():
        if name.startswith("search/"):
            original = (ROOT / name.removeprefix("search/")).read_bytes()
            assert data == original[-LARGEST_LOG:]
    assert sum("/trials/" in name for name in held("stage-2")) == 22


def test_the_whole_search_holds_the_final_and_no_checkpoints() -> None:
    content = held("search")
    assert {"search/best.json", "search/final/rung-1/trials/0000.json"} < set(content)
    assert not [name for name in content if "checkpoint" in name]


def test_logs_of_failed_trainings_only_are_kept_by_their_end() -> None:
    logs = {name: data for name, data in held("search").items() if name.endswith("log.txt")}
    assert list(logs) == [f"search/stage-{stage}/work/0003/log.txt" for stage in (1, 2)]
    whole = (ROOT / "stage-1/work/0003/log.txt").read_bytes()
    assert len(whole) > LARGEST_LOG
    assert logs["search/stage-1/work/0003/log.txt"] == whole[-LARGEST_LOG:]


def test_program_and_environment_are_described() -> None:
    content = held("stage-1")
    provenance = json.loads(content["provenance.json"])
    program = {"job.py": "program/job.py", "data/extra.csv": "program/data/extra.csv"}
    for name, member in program.items():
        assert content[member] == Path(name).read_bytes()
        digest = hashlib.sha256(content[member]).hexdigest()
        assert provenance["objective"]["files"][name] == digest
    assert provenance["ended"] == "2023-11-14T22:13:32+00:00"  # of the records, not of the clock
    assert f"numpy=={np.__version__}\n" in content["requirements.txt"].decode()


def test_the_commit_and_every_changed_file_are_told() -> None:
    told = json.loads(held("stage-1")["provenance.json"])["harmonica"]
    repository = Path(__file__).parents[2]
    commit = subprocess.run(
        ["git", "-C", repository, "rev-parse", "HEAD"], capture_output=True, text=True, check=False
    )
    if commit.returncode == 0:
        assert told["commit"] == commit.stdout.strip()
        assert told["dirty"] == bool(told["changed"])
        for name, digest in told["changed"].items():
            path = repository / name
            now = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None
            assert digest == now


def test_an_environment_inside_another_repository_has_no_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git = ["git", "-C", tmp_path, "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--allow-empty", "-m", "theirs"], check=True)
    package = tmp_path / "lib/harmonica_steps/__init__.py"
    package.parent.mkdir(parents=True)
    package.touch()
    monkeypatch.setattr("harmonica_steps.__file__", str(package))
    assert code()["commit"] is None


def test_what_no_reader_would_take_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(HarmonicaError, match=r"x\.zst: cannot be written.*search/ü"):
        write(tmp_path / "x.zst", {"search/ü": b""})
    assert not (tmp_path / "x.zst").exists()


def test_a_program_outside_the_folder_is_kept_by_its_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "deeper"
    here.mkdir()
    monkeypatch.chdir(here)
    objective = {"command": "python ../job.py", "callable": None, "metric": "m", "files": []}
    files = definition(objective)
    assert list(files["files"]) == ["../job.py"]
    assert program_copies(files["files"]) == {}


def environments(tmp_path: Path) -> Iterator[tuple[Path, dict[str, str], int]]:
    for number, mask in enumerate([0o022, 0o077, 0o002]):
        folder = tmp_path / f"copy-{number}"
        folder.mkdir()
        make_search(folder, reverse=number == 1)
        changes = [
            {"LC_ALL": "C", "TZ": "UTC", "PYTHONHASHSEED": "0"},
            {"LC_ALL": "C.UTF-8", "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "1", "COLUMNS": "20"},
            {"LC_ALL": "tr_TR.UTF-8", "TZ": "America/Caracas", "PYTHONHASHSEED": "2"},
        ]
        yield folder, {**os.environ, **changes[number]}, mask


def test_the_same_folder_gives_the_same_bytes(tmp_path: Path) -> None:
    both = (
        "from harmonica_steps.cli import main\n"
        "for what in ('stage-1', 'search'):\n"
        f"    assert main(['archive', {str(ROOT)!r}, what]) == 0"
    )
    found = set()
    for number, (folder, environment, mask) in enumerate(environments(tmp_path)):
        for path in folder.rglob("*"):
            os.utime(path, (number * 1e9, number * 1e9))
            path.chmod((0o777, 0o700, 0o755)[number])
            if os.geteuid() == 0:
                os.chown(path, number, number)
        subprocess.run(
            [sys.executable, "-c", both],
            cwd=folder,
            env=environment,
            umask=mask,
            check=True,
            capture_output=True,
        )
        made = sorted((folder / ROOT / "archive").glob("*.tar.zst"))
        assert len(made) == 2
        found.add(tuple(path.read_bytes() for path in made))
    assert len(found) == 1


def test_the_tar_inside_is_sorted_and_anonymous() -> None:
    archive(SearchRun.at(ROOT), "stage-1")
    path = ROOT / "archive/stage-1.tar.zst"
    with zstd.open(path) as file, tarfile.open(fileobj=file, mode="r|") as search:
        infos = list(search)
    names = [info.name for info in infos]
    assert names == ["manifest.json", *sorted(names[1:])]
    assert {(i.mtime, i.uid, i.gid, i.uname, i.gname, i.mode) for i in infos} == {
        (0, 0, 0, "", "", 0o644)
    }


def test_an_archive_of_a_restored_search_differs_in_nothing() -> None:
    archive(SearchRun.at(ROOT), "search")
    first = (ROOT / "archive/search.tar.zst").read_bytes()
    moved = Path("elsewhere.tar.zst")
    moved.write_bytes(first)
    ROOT.rename("before")
    restore(moved)
    archive(SearchRun.at(ROOT), "search")
    assert (ROOT / "archive/search.tar.zst").read_bytes() == first


@pytest.mark.parametrize(
    ("lost", "what", "message"),
    [
        ("best.json", "search", "best.json: is not there.*snakemake all"),
        ("stage-2/frozen.json", "stage-2", "frozen.json: is not there.*snakemake stage_2"),
        ("stage-1/trials/0005.json", "stage-2", "0005.json: is not there"),
    ],
)
def test_an_unfinished_part_is_not_archived(lost: str, what: str, message: str) -> None:
    (ROOT / lost).unlink()
    with pytest.raises(HarmonicaError, match=message):
        archive(SearchRun.at(ROOT), what)
    assert not (ROOT / "archive").exists()


def test_an_unknown_stage_is_corrected() -> None:
    with pytest.raises(HarmonicaError, match="did you mean 'stage-1'"):
        archive(SearchRun.at(ROOT), "stage1")


def test_records_of_another_program_are_not_archived() -> None:
    Path("job.py").write_text("def objective(configuration): return 2\n")
    with pytest.raises(
        HarmonicaError, match=r"0000.json: was produced by a different version of the training"
    ):
        archive(SearchRun.at(ROOT), "stage-1")


FILES = [
    "stage-1/samples.jsonl",
    "stage-1/samples.parquet",
    "stage-2/trials/0004.json",
    "stage-2/metrics.parquet",
    "stage-2/metrics.tsv",
    "stage-1/runtime.parquet",
    "stage-1/psr.json",
    "stage-2/frozen.json",
    "final/rung-1/trials/0000.json",
    "final/table.parquet",
    "final/table.tsv",
    "best.json",
    "best-configuration.json",
    "report.html",
]


@pytest.mark.parametrize("damage", ["emptied", "cut", "of another kind"])
@pytest.mark.parametrize("name", FILES)
def test_damaged_files_are_not_archived(name: str, damage: str) -> None:
    path = ROOT / name
    content = path.read_bytes()
    half = content[: len(content) // 2]
    path.write_bytes({"emptied": b"", "cut": half, "of another kind": b"{}"}[damage])
    with pytest.raises(HarmonicaError, match=name) as found:
        archive(SearchRun.at(ROOT), "search")
    assert "again" in str(found.value)
    assert not (ROOT / "archive").exists()


@pytest.mark.parametrize(
    "name", ["samples.jsonl", "samples.parquet", "metrics.parquet", "psr.json"]
)
def test_files_of_another_stage_are_not_archived(name: str) -> None:
    path = ROOT / "stage-1" / name
    path.write_bytes((ROOT / "stage-2" / name).read_bytes())
    with pytest.raises(HarmonicaError, match="stage-1/"):
        archive(SearchRun.at(ROOT), "search")


def test_what_a_killed_archive_left_is_removed() -> None:
    left = ROOT / "archive/.4711.stage-1.tar.zst"
    left.parent.mkdir()
    left.write_bytes(b"half")
    archive(SearchRun.at(ROOT), "stage-1")
    assert [path.name for path in left.parent.iterdir()] == ["stage-1.tar.zst"]


def test_an_interrupted_archive_leaves_the_old_one(monkeypatch: pytest.MonkeyPatch) -> None:
    archive(SearchRun.at(ROOT), "stage-1")
    path = ROOT / "archive/stage-1.tar.zst"
    before = path.read_bytes()

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        archive(SearchRun.at(ROOT), "stage-1")
    assert list(path.parent.iterdir()) == [path]
    assert path.read_bytes() == before
