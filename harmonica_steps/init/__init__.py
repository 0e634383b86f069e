"""A first config file, from the user's program or from a space of another tool."""

from typing import Literal, get_args

Template = Literal["argparse", "json", "callable", "hydra", "command"]
"""How a program can be given its settings."""

TEMPLATES: tuple[Template, ...] = get_args(Template)
