"""Reads settings from a JSON file and writes what it found to another."""

import json
import sys

with open(sys.argv[1]) as stream:
    settings = json.load(stream)
with open(sys.argv[2], "w") as stream:
    json.dump({"loss": settings["lr"] * 2, "steps": 3}, stream)
