"""Who asks: the person whose access token came, and what they may do."""

from dataclasses import dataclass

from portal.sandbox.google.refusals import forbidden
from portal.sandbox.google.state import Customer, User


@dataclass(frozen=True)
class Caller:
    """customer: None for a consumer account. scopes: of the token."""

    user: User
    customer: Customer | None
    scopes: frozenset[str]

    def need_admin(self) -> Customer:
        """The customer that an administrator of any kind asks about. Raises Refusal."""
        if self.customer is None or not (self.user.is_admin or self.user.is_delegated):
            raise forbidden()
        return self.customer

    def need_super_admin(self) -> Customer:
        """Raises Refusal."""
        if self.customer is None or not self.user.is_admin:
            raise forbidden()
        return self.customer

    def need_customer(self, name: str, *, super_admin: bool = False) -> Customer:
        """The customer that is named in a request: my_customer, or their own id. Raises Refusal."""
        own = self.need_super_admin() if super_admin else self.need_admin()
        if name not in ("my_customer", own.id):
            raise forbidden()
        return own
