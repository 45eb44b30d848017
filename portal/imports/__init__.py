"""Importing employees from a file: what its columns mean, what its lines would do, and what has to be asked first."""
