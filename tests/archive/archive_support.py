"""A small search with made-up records, and archives that Harmonica would never write."""

import contextlib
import functools
import hashlib
import json
import random
import tarfile
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from harmonica_steps.archive import container, manifest
from harmonica_steps.archive.compression import zstd
from harmonica_steps.archive.container import BLOCK, CLOSING, END, padding
from harmonica_steps.archive.members import CRATE, MANIFEST, PLAN, PROVENANCE, REQUIREMENTS
from harmonica_steps.config import parse
from harmonica_steps.files import write_json
from harmonica_steps.objective.program import continued, definition, training_key
from harmonica_steps.records.sample import SampleLine
from harmonica_steps.results.paths import SearchFolder
from harmonica_steps.results.plan import write_plan
from harmonica_steps.results.search_run import SearchRun
from harmonica_steps.search.plan import Part
from harmonica_steps.steps.collect import collect_part
from harmonica_steps.steps.draw import draw_part
from harmonica_steps.steps.finish import finish
from harmonica_steps.steps.recover import recover_stage

CONFIG: dict[str, Any] = {
    "search": "tiny",
    "objective": {"callable": "job:objective", "files": ["data/extra.csv"]},
    "space": {"a": {"type": "bool"}, "b": {"type": "bool"}},
    "stages": [{"samples": 12, "sparsity": 1}, {"samples": 10, "sparsity": 1}],
    "final": {"configurations": 2, "eta": 2, "min_budget": 1, "max_budget": 2},
}
FAILED = 3


def make_search(folder: Path, *, reverse: bool = False) -> None:
    """Write a search that has ended to ``results/tiny``; trial 3 of each stage has failed.

    The files are the same in either order of writing.
    """
    for path, content in sorted(_search().items(), reverse=reverse):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


@functools.cache
def _search() -> dict[Path, bytes]:
    """The files of a search, by the real steps around made-up trainings."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path("data").mkdir()
        Path("data/extra.csv").write_text("1,2\n")
        Path("job.py").write_text("def objective(configuration): return 1\n")
        folder = SearchFolder(Path("results/tiny"))
        write_plan(folder, parse(CONFIG))
        search = SearchRun.at(folder.root)
        keys: dict[tuple[str, int], str | None] = {}
        for part in search.parts:
            draw_part(search, part.name)
            for sample in search.samples(part.name):
                _train(search, part, sample, keys)
            collect_part(search, part.name)
            if part.stage is not None:
                recover_stage(search, part.stage)
        finish(search)
        folder.report.write_text("<html></html>\n")
        return {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}


def _train(
    search: SearchRun, part: Part, sample: SampleLine, keys: dict[tuple[str, int], str | None]
) -> None:
    """Write the record of a training that has not been."""
    trial, before = sample["trial"], sample["continues"]
    told = {"configuration": sample["configuration"], "seed": sample["seed"]}
    told["budget"] = part.budget
    objective = definition(search.config.objective.model_dump(mode="json"))
    key = training_key(told, objective, keys[before["part"], before["trial"]] if before else None)
    failed = trial == FAILED
    about = {
        "part": part.name,
        "trial": trial,
        "key": key,
        **told,
        "status": "failed" if failed else "ok",
        "value": None if failed else sample["seed"] % 97 / 97 + sample["configuration"]["a"],
        "metrics": {},
        "cause": "exit status 1" if failed else None,
        "error": "exit status 1" if failed else None,
    }
    work = search.folder.work(part.name, trial)
    run = {"seconds": 1.5, "cpu_seconds": 1.0, "started": 1.7e9 + trial, "job": None}
    write_json(search.folder.record(part.name, trial), {**about, "log": str(work), "run": run})
    keys[part.name, trial] = continued({**about, "key": key})
    (work / "checkpoint").mkdir(parents=True)
    (work / "checkpoint/weights").write_text("w")
    (work / "log.txt").write_text(f"log of {trial}\n" * 10_000)


def members(*, noise: int = 0) -> dict[str, bytes]:
    """The members of a tiny archive by hand: stage-1 of one training."""
    plan = {
        "schema_version": 1,
        "search": "tiny",
        "parts": [{"part": "stage-1", "trainings": 1}],
        "config": {"search": "tiny"},
    }
    about = {"archive": "stage-1", "search": "tiny", "objective": {"files": {}}}
    stage = ["samples.jsonl", "samples.parquet", "trials/0000.json", "runtime.parquet"]
    stage += ["metrics.parquet", "metrics.tsv", "psr.json", "frozen.json"]
    chance = random.Random(7)
    return {
        PROVENANCE: json.dumps(about).encode(),
        REQUIREMENTS: b"numpy==2.4.6\n",
        CRATE: b"{}",
        PLAN: json.dumps(plan).encode(),
        **{f"search/stage-1/{name}": chance.randbytes(20 + noise) for name in stage},
    }


Item = tuple[bytes, bytes]
"""A tar header and the content after it."""


def items(content: Mapping[str, bytes], listing: bytes | None = None) -> list[Item]:
    """What the tar of these members is made of, with a manifest in front."""
    listing = manifest.build(content) if listing is None else listing
    whole = {MANIFEST: listing, **dict(sorted(content.items()))}
    return [(container.header(name, len(data)), data) for name, data in whole.items()]


def changed(content: Mapping[str, bytes], name: str, /, **fields: Any) -> list[Item]:
    """The same with some fields of one member's tar header changed."""
    pairs = items(content)
    for i, (block, data) in enumerate(pairs):
        info = tarfile.TarInfo.frombuf(block, "utf-8", "strict")
        if info.name == name:
            for field, value in fields.items():
                setattr(info, field, value)
            pairs[i] = (info.tobuf(tarfile.USTAR_FORMAT, "utf-8", "strict"), data)
    return pairs


def tar(pairs: Iterable[Item], end: bytes = END) -> bytes:
    """The bytes of a tar."""
    return b"".join(block + data + padding(len(data)) for block, data in pairs) + end


def closed(stream: bytes) -> bytes:
    """With a valid closing digest."""
    return stream + CLOSING + hashlib.sha256(stream + CLOSING).digest()


def packed(content: bytes) -> bytes:
    """An archive of any content, valid as far as the wrapping goes."""
    return closed(compress(content))


def compress(content: bytes) -> bytes:
    """One frame with a checksum."""
    level, checksum = (
        zstd.CompressionParameter.compression_level,
        zstd.CompressionParameter.checksum_flag,
    )
    return zstd.compress(content, options={level: 3, checksum: True})


def raw_header(name: bytes, size: int, kind: bytes = b"0", link: bytes = b"") -> bytes:
    """A tar header with any bytes for a name, and a right checksum."""
    block = name.ljust(100, b"\0") + b"0000644\0" + b"0000000\0" * 2 + b"%011o\0" % size
    block += b"%011o\0" % 0 + b" " * 8 + kind + link.ljust(100, b"\0") + b"ustar\00000"
    block = block.ljust(BLOCK, b"\0")
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]
