"""What each rule does: files in, files out."""
