"""Signing in to the portal through an account at a connected application."""
