"""What the sandbox knows: tenants, people, groups, products, and what has happened to them."""

from portal.sandbox.state.models import Group, Tenant, User
from portal.sandbox.state.store import State

__all__ = ["Group", "State", "Tenant", "User"]
