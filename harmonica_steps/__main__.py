"""The command ``harmonica``, also ``python -m harmonica_steps``."""

import sys


def main() -> int:
    """Run a subcommand; ``train``, started once a training, without all that the others load."""
    if sys.argv[1:2] == ["train"]:
        from harmonica_steps.objective.forkclient import train_in_server

        status = train_in_server(sys.argv[2:])
        if status is not None:
            return status
    from harmonica_steps.cli import main as run

    return run()


if __name__ == "__main__":
    raise SystemExit(main())
