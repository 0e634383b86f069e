"""The RO-Crate metadata, judged by the validator of the RO-Crate community."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from archive_support import make_search

from harmonica_steps.archive.check import check
from harmonica_steps.archive.create import archive
from harmonica_steps.results.search_run import SearchRun

PYTHON = Path(sys.prefix) / "roc-validator/bin/python"

SCHEMA = (
    *("CreateAction", "CreativeWork", "Dataset", "SoftwareApplication", "about", "contentSize"),
    *("datePublished", "description", "encodingFormat", "endTime", "hasPart", "instrument"),
    *("license", "mentions", "name", "object", "result", "softwareVersion", "startTime", "version"),
)
CONTEXT = {
    **{term: f"http://schema.org/{term}" for term in SCHEMA},
    "File": "http://schema.org/MediaObject",
    "conformsTo": "http://purl.org/dc/terms/conformsTo",
}
"""Of the RO-Crate context the terms that are used here, so that no network is needed."""

VALIDATE = f"""
import sys
from types import SimpleNamespace
from rocrate_validator import models, services
from rocrate_validator.utils.http import HttpRequester

answer = SimpleNamespace(
    status_code=200,
    headers={{"Content-Type": "application/ld+json"}},
    json=lambda: {{"@context": {CONTEXT!r}}},
)
HttpRequester.get = lambda *_, **__: answer
HttpRequester.head = HttpRequester.get
result = services.validate(
    services.ValidationSettings(
        rocrate_uri=sys.argv[1],
        profile_identifier="process-run-crate-0.5",
        requirement_severity=models.Severity.REQUIRED,
    )
)
for issue in result.get_issues():
    print(issue.check.identifier, issue.message)
sys.exit(not result.passed())
"""


@pytest.fixture
def extracted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    make_search(tmp_path)
    search = SearchRun.at(Path("results/tiny"))
    archive(search, "search")
    folder = tmp_path / "crate"

    def write(name: str, pieces: object) -> None:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(b"".join(pieces))

    check(search.folder.root / "archive/search.tar.zst", write)
    return folder


def test_every_member_is_described_by_itself_or_with_its_folder(extracted: Path) -> None:
    graph = json.loads((extracted / "ro-crate-metadata.json").read_text())["@graph"]
    entities = {entity["@id"] for entity in graph}
    for path in extracted.rglob("*"):
        name = path.relative_to(extracted).as_posix()
        if path.is_file() and name != "ro-crate-metadata.json":
            assert name in entities or any(
                folder.endswith("/") and name.startswith(folder) for folder in entities
            )
    parts = {part["@id"] for part in graph[1]["hasPart"]}
    assert all((extracted / name).exists() for name in parts)


def test_each_part_is_an_action_with_its_results(extracted: Path) -> None:
    graph = json.loads((extracted / "ro-crate-metadata.json").read_text())["@graph"]
    actions = {e["@id"]: e for e in graph if e["@type"] == "CreateAction"}
    assert list(actions) == ["#stage-1", "#stage-2", "#final/rung-0", "#final/rung-1"]
    stage = actions["#stage-1"]
    assert stage["endTime"] == "2023-11-14T22:13:32+00:00"
    assert {"@id": "search/stage-1/frozen.json"} in stage["result"]
    assert {"@id": "search/stage-1/trials/"} in stage["result"]


def judged(folder: Path) -> subprocess.CompletedProcess[str]:
    assert PYTHON.exists(), "`make test` sets up roc-validator"
    command = [PYTHON, "-c", VALIDATE, folder]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_validator_accepts_it_as_a_process_run_crate(extracted: Path) -> None:
    run = judged(extracted)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_validator_would_complain(extracted: Path) -> None:
    path = extracted / "ro-crate-metadata.json"
    path.write_text(path.read_text().replace('"instrument"', '"mentions"'))
    run = judged(extracted)
    assert run.returncode == 1, run.stderr
    assert "MUST have an instrument" in run.stdout
