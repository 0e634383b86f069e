"""One training under supervision. Standard library only: this is started once per training."""
