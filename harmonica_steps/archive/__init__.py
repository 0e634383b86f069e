"""Archives: a stage or a whole search as one file that checks itself and can be restored."""
