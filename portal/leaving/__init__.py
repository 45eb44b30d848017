"""Leaving and coming back: what a leaver loses, noted before it is taken, and given back; leave of absence."""
