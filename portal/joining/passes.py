"""What is known about passes before one is made: whether this person may have one, said the day a plan is made."""

from portal.accounts.place import Place
from portal.connectors import for_connection
from portal.connectors.errors import ConnectorError, NotPermitted
from portal.hand_over.steps import A_DAY, NAME, NONE_ALLOWED, NOT_READABLE


def why_not(place: Place) -> str:
    """Why the employee gets a temporary password by link and no pass, as a sentence; empty when they may have one.

    Without an account only what holds for anybody is known. Asks the application.
    """
    service = place.service
    if not service.capabilities.has_passes:
        return f"{service.name} has no {NAME}, so a temporary password goes by link."
    if not service.capabilities.hands_out_passes(place.connection.permissions):
        return (
            f"The portal may not make a {NAME} in your {service.name}, so a temporary password goes by link. "
            f"{NotPermitted.next_step}"
        )
    try:
        rules = for_connection(place.connection).pass_rules(place.account.remote_id if place.account else None)
    except NotPermitted:
        return NOT_READABLE.format(name=NAME)
    except ConnectorError as error:
        return f"We couldn’t check whether a {NAME} is allowed. {error.message} If it is not, a password goes by link."
    return "" if rules.allowed else NONE_ALLOWED.format(name=NAME)


def hours(place: Place) -> str:
    """For how long a pass will hold, in words. Raises ConnectorError."""
    minutes = for_connection(place.connection).pass_rules().fitted(A_DAY)
    whole, rest = divmod(minutes, 60)
    if rest:
        return f"{minutes} minutes"
    return "1 hour" if whole == 1 else f"{whole} hours"
