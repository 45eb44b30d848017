"""Matches the existing accounts of a whole tenant to employees, for a person to confirm."""
