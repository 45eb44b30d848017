"""An organisation's link to its tenant at an application: what it offers, and whether it works."""
