"""Connections: an organisation's link to its tenant at a service, what it offers, and how well it works."""
