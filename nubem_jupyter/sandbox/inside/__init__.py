"""What runs in the child process, with the standard library alone so that it starts at once."""
