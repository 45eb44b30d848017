"""Whose an account of the connected application may be: what speaks for it, what against, and what is asked first."""
