"""Reads settings from a JSON file and writes what it found to another."""

import json
import pathlib
import sys

settings = json.loads(pathlib.Path(sys.argv[1]).read_text())
result = {"loss": settings["lr"] * 2, "steps": 3}
pathlib.Path(sys.argv[2]).write_text(json.dumps(result))
