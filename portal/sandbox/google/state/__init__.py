"""What the stand-in for Google Workspace knows: customers, people, groups, licences, and what has happened."""

from portal.sandbox.google.state.models import Customer, Group, User
from portal.sandbox.google.state.store import State

__all__ = ["Customer", "Group", "State", "User"]
