"""A portal with which HR opens, watches and closes each employee's account at a connected application."""
