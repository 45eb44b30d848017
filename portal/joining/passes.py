"""What is known about passes before one is made: whether this person may have one, said the day a plan is made."""

from portal.accounts.place import Place
from portal.connectors import for_connection
from portal.connectors.errors import ConnectorError, NotPermitted
from portal.hand_over.steps import A_DAY, NAME, NONE_ALLOWED, NOT_READABLE
from portal.languages import gettext as _
from portal.languages import joined, ngettext


def why_not(place: Place) -> str:
    """Why the employee gets a temporary password by link and no pass, as a sentence; empty when they may have one.

    Without an account only what holds for anybody is known. Asks the application.
    """
    service = place.service
    if not service.capabilities.has_passes:
        return _("%(service)s has no %(name)s, so a temporary password goes by link.", service=service.name, name=NAME)
    if not service.capabilities.hands_out_passes(place.connection.permissions):
        return joined(
            _(
                "The portal may not make a %(name)s in your %(service)s, so a temporary password goes by link.",
                name=NAME,
                service=service.name,
            ),
            NotPermitted.next_step,
        )
    try:
        rules = for_connection(place.connection).pass_rules(place.account.remote_id if place.account else None)
    except NotPermitted:
        return NOT_READABLE
    except ConnectorError as error:
        return _(
            "We couldn’t check whether a %(name)s is allowed. %(message)s If it is not, a password goes by link.",
            name=NAME,
            message=error.message,
        )
    return "" if rules.allowed else NONE_ALLOWED


def hours(place: Place) -> str:
    """For how long a pass will hold, in words. Raises ConnectorError."""
    minutes = for_connection(place.connection).pass_rules().fitted(A_DAY)
    whole, rest = divmod(minutes, 60)
    if rest:
        return ngettext("%(num)s minute", "%(num)s minutes", minutes)
    return ngettext("%(num)s hour", "%(num)s hours", whole)
