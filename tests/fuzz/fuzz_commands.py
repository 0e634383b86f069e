"""Which commands are tried, on which files, and where they may write."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import yaml
from fuzz_containers import archives, databases, tables
from fuzz_harness import Command, Input
from fuzz_search import ONLY, RESULTS, ROOT
from fuzz_trees import json_trees, lines, texts, yaml_trees
from hypothesis import strategies as st

Mutate = Callable[[bytes], st.SearchStrategy[bytes]]

SNAKEFILE = Path(__file__).parents[2] / "Snakefile"


class Source(NamedTuple):
    """A valid file, and one way to damage it."""

    kind: str
    path: str
    mutate: Mutate


class Tried(NamedTuple):
    """A command with the files that it reads."""

    command: Command
    sources: list[Source]
    share: float = 1.0
    """Of the inputs, compared with other commands: less where one takes long."""


def by_kind(sources: list[Source]) -> list[list[Source]]:
    """The same, kind by kind."""
    kinds = dict.fromkeys(source.kind for source in sources)
    return [[source for source in sources if source.kind == kind] for kind in kinds]


def inputs(sources: list[Source], folder: Path) -> st.SearchStrategy[Input]:
    """Damaged files."""

    def of(source: Source) -> st.SearchStrategy[Input]:
        content = (folder / source.path).read_bytes()
        return source.mutate(content).map(lambda found: Input(source.kind, source.path, found))

    return st.sampled_from(sources).flatmap(of)


def _both(name: str, paths: list[str], first: Mutate, kind: str) -> list[Source]:
    return [
        Source(f"{name}, {k}", p, m) for p in paths for k, m in ((kind, first), ("bytes", texts))
    ]


CONFIG = _both("configuration", ["config.yaml"], yaml_trees, "tree")
STARTED = _both("configuration with start", ["started.yaml"], yaml_trees, "tree")
START = _both("start", ["start.yaml"], yaml_trees, "tree")
JOURNAL = _both("study journal", ["study.journal"], lines, "lines")
DATABASE = _both("study database", ["study.db"], databases, "cells")
CONFIGSPACE = _both("ConfigSpace", ["space.json"], json_trees, "tree")
ARCHIVE = _both(
    "archive",
    [f"{ROOT}/archive/{what}.tar.zst" for what in ("stage-1", "search")],
    archives,
    "members",
)
SEARCH = [
    *_both("plan", [f"{ROOT}/plan.json"], json_trees, "tree"),
    *_both("psr", [f"{ROOT}/stage-{n}/psr.json" for n in (1, 2)], json_trees, "tree"),
    *_both("frozen", [f"{ROOT}/stage-{n}/frozen.json" for n in (1, 2)], json_trees, "tree"),
    *_both("best", [f"{ROOT}/best.json"], json_trees, "tree"),
    *_both(
        "samples",
        [f"{ROOT}/{part}/samples.jsonl" for part in ("stage-1", "final/rung-1")],
        lines,
        "lines",
    ),
    *_both(
        "record",
        [f"{ROOT}/{part}/trials/0001.json" for part in ("stage-1", "stage-2", "final/rung-1")],
        json_trees,
        "tree",
    ),
    *_both(
        "table",
        [
            f"{ROOT}/{part}.parquet"
            for part in ("stage-1/metrics", "stage-2/samples", "final/rung-1/metrics")
        ]
        + [f"{ROOT}/stage-1/runtime.parquet", f"{ROOT}/final/table.parquet"],
        tables,
        "columns",
    ),
]
GIVEN = {
    name: _both(f"result {name}", [f"given-{name}"], mutate, kind)
    for (name, mutate, kind) in (
        ("json", json_trees, "tree"),
        ("jsonl", lines, "lines"),
        ("csv", texts, "text"),
        ("printed", texts, "text"),
    )
}


def _of(
    *words: str,
    writes: str | None = None,
    always: str = r"results/fuzz/\.lock",
    leaves: str | None = None,
    sees_damage: bool = False,
) -> Command:
    """A command; ``{}`` is the path of the damaged file."""
    return Command(
        lambda path: ["harmonica", *(word.replace("{}", path) for word in words)],
        writes,
        always,
        leaves,
        sees_damage,
    )


def _config_of(path: str) -> str:
    """The configuration that reads a file."""
    if path == "start.yaml":
        return "started.yaml"
    if path.startswith("study."):
        return f"{path}.yaml"
    return path if path.endswith(".yaml") else "config.yaml"


def _snakemake(path: str) -> list[str]:
    options = ["--snakefile", str(SNAKEFILE), "--configfile", _config_of(path), "--cores", "1"]
    return ["snakemake", "--dry-run", *options]


_CONFIGURED = [*CONFIG, *STARTED, *START, *JOURNAL, *DATABASE]


def _is_read_by_snakemake(content: bytes) -> bool:
    """Whether the reader of Snakemake, which comes before ours, gets through a config file.

    It ends others with its own traceback, e.g. what is not UTF-8 or too deeply nested.
    """
    try:
        yaml.safe_load(content.decode())
    except Exception:
        return False
    return True


def _for_snakemake(source: Source) -> Source:
    if "configuration" not in source.kind:
        return source
    return source._replace(
        mutate=lambda content: source.mutate(content).filter(_is_read_by_snakemake)
    )


COMMANDS: dict[str, Tried] = {
    "plan": Tried(Command(lambda path: ["harmonica", "plan", _config_of(path)]), _CONFIGURED),
    "snakemake -n": Tried(
        Command(_snakemake, always=r"\.snakemake/.*|results/fuzz/\.lock"),
        [*map(_for_snakemake, _CONFIGURED), *SEARCH],
        0.25,
    ),
    "status": Tried(_of("status", ROOT), SEARCH),
    "summary": Tried(_of("summary", ROOT), SEARCH),
    "retry": Tried(
        _of(
            "retry",
            ROOT,
            "stage-1",
            "--failed",
            writes=r"results/fuzz/stage-1/(trials|work|aside)/.*",
        ),
        SEARCH,
    ),
    "report": Tried(_of("report", ROOT, writes=r"results/fuzz/report\.html"), SEARCH),
    "archive": Tried(_of("archive", ROOT, writes=r"results/fuzz/archive/search\.tar\.zst"), SEARCH),
    "export optuna": Tried(_of("export", ROOT, writes=r"results/fuzz/study\.journal"), SEARCH),
    "export csv": Tried(
        _of("export", ROOT, "--format", "csv", writes=r"results/fuzz/trainings\.csv"), SEARCH
    ),
    "export configspace": Tried(
        _of("export", ROOT, "--format", "configspace", writes=r"results/fuzz/space\.json"), SEARCH
    ),
    "verify": Tried(_of("verify", "{}", sees_damage=True), ARCHIVE),
    "restore --into": Tried(
        _of(
            "restore", "{}", "--into", "results/again", writes=r"results/again/.*", sees_damage=True
        ),
        ARCHIVE,
    ),
    "restore": Tried(
        _of("restore", "{}", writes=r"results/(?!fuzz/).*", sees_damage=True), ARCHIVE
    ),
    "import-space": Tried(_of("import-space", "{}"), CONFIGSPACE),
    "init --from-configspace": Tried(
        _of("init", "--from-configspace", "{}", writes=r"harmonica\.yaml"), CONFIGSPACE
    ),
    "init --from-study": Tried(
        _of("init", "--from-study", "{}", writes=r"harmonica\.yaml"), [*JOURNAL, *DATABASE]
    ),
    **{
        f"train, {name}": Tried(
            _of(
                "train",
                f"results/{name}",
                ONLY,
                "0",
                writes=rf"results/{name}/{ONLY}/(trials|work/0000)/.*",
                always=rf"results/{name}/{ONLY}/(trials/|work/.*)",
                leaves=f"results/{name}/{ONLY}/trials/0000.json",
            ),
            GIVEN[name],
        )
        for name in RESULTS
    },
}
