"""The table of export formats, of which the command line is made."""

import pytest

from harmonica_steps.cli import main
from harmonica_steps.export.formats import FORMATS


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_names_a_function(name: str) -> None:
    assert callable(FORMATS[name].write)


def test_the_help_names_every_format_and_its_file(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["export", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    for name, known in FORMATS.items():
        assert f"{name}: {known.text}" in text.replace("import- space", "import-space")
        assert known.file in text


def test_no_two_formats_are_written_to_one_file() -> None:
    assert len({known.file for known in FORMATS.values()}) == len(FORMATS)
