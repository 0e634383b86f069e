"""A first config file, from the user's program or from a space of another tool."""
