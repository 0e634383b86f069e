"""``harmonica try``: one training of a search, to see whether the program works."""
