"""A first configuration, from the user's program or from a space of another tool."""
