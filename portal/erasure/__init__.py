"""Erasing a leaver's personal data, or a whole organisation that leaves."""
