"""What the page about init shows is what it prints and writes."""

from pathlib import Path

import pytest
import yaml
from docs_support import DOCS, blocks

from harmonica_steps.cli import main


def test_the_example_gives_what_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = {block.title: block.text for block in blocks(DOCS / "how-to/init.md") if block.title}
    Path("train.py").write_text(shown["train.py"])
    assert main(["init", "train.py"]) == 0
    assert capsys.readouterr().out == shown["printed"]
    written = yaml.safe_load(Path("harmonica.yaml").read_text())
    for section, content in yaml.safe_load(shown["fragment"]).items():
        whole = written[section]
        assert content == (
            {key: whole[key] for key in content} if section == "objective" else whole
        )
