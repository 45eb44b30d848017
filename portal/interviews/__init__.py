"""Interviews: planned, moved, called off, answered, and what interviewers thought of them."""
