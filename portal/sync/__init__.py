"""Reads what changed at a connected application, and shows how it differs from the HR record."""
