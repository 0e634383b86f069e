"""A search folder seen from inside: where its files are, its plan, its tables."""
