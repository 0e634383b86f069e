"""A training that destroys what is around it ends in a record, and harms no other."""

import os
import socket
from pathlib import Path

import pytest
from objective_support import ANSWER, RUNG_0, RUNG_1, Trial, killed_once, shell

from harmonica_steps.objective import supervise
from harmonica_steps.objective.surroundings import open_own, put, remove
from harmonica_steps.objective.trial import train
from harmonica_steps.report.status import Reader

WORK = "its work folder was"


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(supervise, "GRACE", 0.2)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder outside of the search, with a file in each place that is written to in a search."""
    folder = tmp_path / "elsewhere"
    (folder / "0000").mkdir(parents=True)
    for name in ("log.txt", "config.json", ".started", "0000.json", "0000/log.txt"):
        (folder / name).write_text("precious")
    return folder


def contents(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_text() for path in files}


HARM = [
    ("rm -rf $W", f"{WORK} removed or renamed; wrote no result file"),
    ("mv $W $W.bak", f"{WORK} removed or renamed; wrote no result file"),
    ("rm -rf $W; touch $W", f"{WORK} replaced by a file; wrote no result file"),
    ("rm -rf $W; mkfifo $W", f"{WORK} replaced by a file; wrote no result file"),
    ("rm -rf $W; ln -s $PWD/elsewhere $W", f"{WORK} replaced by a link; wrote no result file"),
    ("rm -rf $W; ln -s $W $W", f"{WORK} replaced by a link; wrote no result file"),
    ("rm -rf $W; mkdir $W", "wrote no result file"),
    ("rm -rf ${W%/*}", "the folder work was removed or renamed; wrote no result file"),
    (
        "mv ${W%/*} ${W%/*}.other; ln -s $PWD/elsewhere ${W%/*}",
        "the folder work was replaced by a link; wrote no result file",
    ),
    (
        "T=${W%/work/*}/trials; rm -rf $T; touch $T; exit 3",
        "the folder trials was replaced by a file;",
    ),
    (
        "T=${W%/work/*}/trials; rm -rf $T; ln -s $PWD/elsewhere $T; exit 3",
        "the folder trials was replaced by a link; exit status 3",
    ),
    (
        "T=${W%/work/*}/trials; rm -rf $T; ln -s trials $T",
        "the folder trials was replaced by a link;",
    ),
    ("rm -rf ${W%/work/*}", "the folder rung-0 was removed or renamed; wrote no result file"),
    ("mkdir -p ${W%/work/*}/trials/0000.json/x", "wrote no result file"),
    ("rm $W/log.txt; exit 3", "exit status 3"),
    ("rm $W/log.txt; mkfifo $W/log.txt; exit 3", "exit status 3"),
    ("rm $W/log.txt; mkdir $W/log.txt; exit 3", "exit status 3"),
    ("rm $W/log.txt; ln -s $PWD/elsewhere/log.txt $W/log.txt; exit 3", "exit status 3"),
    ("rm -rf $W/checkpoint $W/config.json $W/.started $W/.owner; exit 3", "exit status 3"),
    ("rm $W/.started; mkdir $W/.started; exit 3", "exit status 3"),
    ("chmod 000 $W/log.txt; exit 3", "exit status 3"),
]


@pytest.mark.parametrize(("harm", "cause"), HARM, ids=[harm for harm, _ in HARM])
def test_a_training_that_harms_its_surroundings_is_recorded(
    harm: str, cause: str, elsewhere: Path
) -> None:
    trial = shell(f"echo last words\nW=$HARMONICA_WORKDIR\n{harm}\n")
    before = contents(elsewhere)
    record = trial.run()
    assert (record["status"], record["value"]) == ("failed", None)
    assert record["cause"].startswith(cause)
    assert record["error"].endswith(": last words")
    assert Path(record["log"]).read_text() == "last words\n"
    assert contents(elsewhere) == before
    if "rung-0" in cause or "work was" in cause:
        return  # the samples are gone as well, or the other training's folder
    Path("job.sh").write_text(ANSWER)
    Reader().read(trial.folder.root)
    train(trial.folder, RUNG_0, 1)
    part = next(p for p in Reader().read(trial.folder.root).parts if p.name == RUNG_0)
    assert (part.running, part.waiting) == (0, 0)
    trial.folder.record(RUNG_0, 0).unlink()
    assert trial.run()["value"] == 0.5
    assert contents(elsewhere) == before


def test_a_folder_without_permissions_is_recorded() -> None:
    """As root nothing is seen of it."""
    trial = shell(
        "echo last words\nchmod 000 $HARMONICA_WORKDIR $HARMONICA_WORKDIR/log.txt\nexit 3"
    )
    record = trial.run()
    unusable = "" if os.getuid() == 0 else f"{WORK} made unreadable or read-only; "
    assert record["cause"] == f"{unusable}exit status 3"
    assert record["error"].endswith(": last words")


def test_a_good_result_counts_and_the_folders_are_put_back(
    capsys: pytest.CaptureFixture[str], elsewhere: Path
) -> None:
    harm = "T=${HARMONICA_WORKDIR%/work/*}/trials; rm -rf $T; ln -s $PWD/elsewhere $T\n"
    record = shell(ANSWER + harm).run()
    assert (record["status"], record["error"]) == ("ok", None)
    assert "the folder trials was replaced by a link by its program" in capsys.readouterr().err
    assert contents(elsewhere)["0000.json"] == "precious"


@pytest.mark.parametrize(
    "name", ["log.txt", "config.json", "result.json", ".started", ".started.new", ".owner", ".room"]
)
@pytest.mark.parametrize(
    "harm",
    ["mkfifo {0}", "mkdir {0}; touch {0}/x", "ln -s $PWD/elsewhere/log.txt {0}", "ln -s {0} {0}"],
    ids=["fifo", "folder", "link", "loop"],
)
def test_what_a_killed_training_left_does_not_harm_its_next_start(
    name: str, harm: str, elsewhere: Path
) -> None:
    trial = shell("exit 3")
    before = contents(elsewhere)
    trial.run()
    trial.folder.record(RUNG_0, 0).unlink()
    path = trial.work / name
    remove(path)
    assert os.system(harm.format(path.absolute())) == 0
    if name != ".started":
        key = "as if it was killed"
        put(trial.work / ".started", f'{{"key": "{key}", "deaths": 1}}')
    assert trial.run()["cause"] == "exit status 3"
    assert contents(elsewhere) == before


def test_the_next_start_of_a_training_that_planted_links_and_was_killed(elsewhere: Path) -> None:
    harm = "rm -f $W/$N; ln -s $PWD/elsewhere/log.txt $W/$N"
    trial = shell(
        "W=$HARMONICA_WORKDIR; for N in log.txt config.json; do " + harm + "; done\n"
        "test -f pid && exit 3\necho $$ > pid\nexec sleep 60\n"
    )
    before = contents(elsewhere)
    killed_once(trial)
    record = trial.run()
    assert (record["cause"], record["run"]["deaths"]) == ("exit status 3", 1)
    assert contents(elsewhere) == before
    assert contents(trial.work)["log.txt"] == ""


def test_a_checkpoint_with_pipes_and_sockets_is_continued() -> None:
    trial = shell(
        "mkfifo $HARMONICA_CHECKPOINT/pipe; echo 1 > $HARMONICA_CHECKPOINT/state\n" + ANSWER
    )
    trial.promote()
    Path("job.sh").write_text("ls $HARMONICA_CHECKPOINT\n" + ANSWER)
    train(trial.folder, RUNG_1, 0)
    log = trial.folder.work(RUNG_1, 0) / "log.txt"
    assert log.read_text() == "state\n"


def test_anything_is_removed(tmp_path: Path) -> None:
    deep = tmp_path / "tree"
    deep.mkdir()
    here = os.open(deep, os.O_RDONLY)
    for _ in range(1100):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    for mode in (0o000, 0o500):
        (tmp_path / f"tree/{mode}/inside").mkdir(parents=True)
        (tmp_path / f"tree/{mode}").chmod(mode)
    remove(deep)
    assert not deep.exists()
    kept = tmp_path / "kept"
    kept.mkdir()
    (tmp_path / "link").symlink_to(kept)
    remove(tmp_path / "link")
    remove(tmp_path / "nothing")
    assert kept.is_dir()
    assert not (tmp_path / "link").is_symlink()


def test_a_socket_in_the_place_of_a_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    with socket.socket(socket.AF_UNIX) as planted:
        planted.bind(str(path))
        os.close(open_own(path, os.O_WRONLY))
    assert path.is_file()


def test_a_folder_that_is_a_link_from_the_beginning_stays_one(tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    trial = Trial(command="sh job.sh")
    Path("job.sh").write_text(ANSWER)
    trial.work.parent.symlink_to(scratch)
    assert trial.run()["status"] == "ok"
    assert trial.work.parent.is_symlink()
    assert (scratch / "0000/result.json").is_file()
