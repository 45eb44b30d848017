"""Signing in to the portal and out again."""
