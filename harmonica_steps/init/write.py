"""The text of a config file, with a comment for each section, checked before it is there."""

from pathlib import Path
from typing import Any

import jinja2
import yaml

from harmonica_steps.config import load_merged, parse
from harmonica_steps.files import replacing
from harmonica_steps.init.draft import Draft
from harmonica_steps.objective.command import ARGS, OVERRIDES
from harmonica_steps.objective.placeholders import PLACEHOLDERS

TEMPLATE = "harmonica.yaml.j2"

LONGEST = 150
"""Characters of a comment."""

EXPLAINED = {
    ARGS: "the settings as options, --NAME VALUE",
    OVERRIDES: "the settings as overrides, NAME=VALUE",
    **{f"{{{name}}}": text for name, text in PLACEHOLDERS.items()},
}
"""What a comment says about those in a command."""


def write_config(path: Path, draft: Draft, content: dict[str, Any]) -> None:
    """Write a config file, if it can be read again.

    Parameters
    ----------
    path
        The file.
    draft
        What there is to say about it.
    content
        What it holds.
    """
    text = config_text(draft, content)
    with replacing(path) as beside:
        beside.write_text(text, encoding="utf-8")
        parse(load_merged([beside]))


def config_text(draft: Draft, content: dict[str, Any]) -> str:
    """A config file as YAML with comments."""
    environment = jinja2.Environment(  # noqa: S701 (YAML, not HTML)
        loader=jinja2.FileSystemLoader(Path(__file__).parent),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters |= {"flow": flow, "comment": one_line}
    command = content["objective"].get("command", "")
    return environment.get_template(TEMPLATE).render(
        about=f"From {draft.about}",
        todo=draft.todo,
        content={"forbidden": [], "start": [], **content},
        objective=content["objective"],
        placeholders=[f"{k}: {text}" for k, text in EXPLAINED.items() if k in command],
        notes=draft.notes,
        left_out=draft.left_out,
        is_known=draft.is_known,
    )


def flow(value: object) -> str:
    """A value on one line of YAML."""
    text = yaml.safe_dump(
        value, default_flow_style=True, sort_keys=False, width=10**6, allow_unicode=True
    )
    return text.removesuffix("\n").removesuffix("\n...")


def printable(text: str) -> str:
    """A text without what a terminal or a comment cannot show."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def one_line(text: str) -> str:
    """A text for a comment: on one line, and not too long."""
    shown = printable(text)
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 3]}..."
