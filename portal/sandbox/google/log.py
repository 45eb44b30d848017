"""What the admin log writes down.

https://developers.google.com/workspace/admin/reports/v1/appendix/activity/admin-user-settings
"""

from portal.sandbox.google import unverified
from portal.sandbox.google.state import Customer, State, User
from portal.sandbox.google.state.models import Event


def record(state: State, actor: User, customer: Customer, what: str, address: str, **more: str) -> None:
    """what: a key of unverified.LOG_NAMES. address: of the user concerned. more: other parameters."""
    moment = state.clock.time()
    parameters = {"USER_EMAIL": address, **more}
    kind = "LICENSES_SETTINGS" if "licence" in what else "USER_SETTINGS"
    if what in ("promote", "demote"):
        kind = "DELEGATED_ADMIN_SETTINGS"
    Event.create(
        customer=customer.id, at=moment, shown_at=moment + state.timing.log, actor=actor.id,
        actor_address=actor.address, kind=kind, name=unverified.LOG_NAMES[what],
        parameters=[{"name": name, "value": value} for name, value in parameters.items()],
    )  # fmt: skip
