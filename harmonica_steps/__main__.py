"""The command ``harmonica``, also ``python -m harmonica_steps``."""

import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    del sys.path[0]  # the current folder, whose modules are the user's

from harmonica_steps.terminal import prepare


def main() -> int:
    """Run a subcommand; ``train``, started once per training, without all that the others load."""
    try:
        prepare()
        if sys.argv[1:2] == ["train"]:
            from harmonica_steps.objective.forkclient import train_in_server

            status = train_in_server(sys.argv[2:])
            if status is not None:
                return status
        from harmonica_steps.cli import main as run

        return run()
    except KeyboardInterrupt:  # while modules are loaded
        return 130


if __name__ == "__main__":
    raise SystemExit(main())
