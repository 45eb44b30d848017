"""Whose each account of a tenant may be: read once for a whole organisation, proposed by rules, decided by a person."""
