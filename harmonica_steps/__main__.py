"""``python -m harmonica_steps``: the same as the command ``harmonica``."""

from harmonica_steps.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
