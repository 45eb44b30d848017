"""Keeps what the portal knows in step with what a service shows, and points out differences."""
