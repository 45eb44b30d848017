"""Deleting an account: off until an organisation allows it, and only when two Admins want it."""
