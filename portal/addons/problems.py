"""Why an application was not connected, each reason with its own sentence and next step."""

from portal.connections.doctor import spoken
from portal.connectors.base import Licence, Permission, Service
from portal.languages import gettext as _
from portal.problems import Problem


class ConnectRefused(Problem):
    """The application was not connected."""

    next_step = _("Start again with the sign-in button.")


class NotSetUp(ConnectRefused):
    """The portal itself is not registered with the application."""

    status = 503

    def __init__(self, service: Service):
        super().__init__(
            f"This portal is not registered with {service.name} yet, so nobody can sign in there.",
            "Ask your IT team to register it and to fill in the settings. What is missing: "
            f"{spoken(list(service.settings_needed))}.",
        )


class AlreadyConnected(ConnectRefused):
    """The organisation has a live connection to this application."""

    def __init__(self, service: Service, tenant_name: str):
        super().__init__(
            f"Your organisation is already connected to {service.name}: {tenant_name}. That connection is unchanged.",
            "To connect another one, disconnect this one first.",
        )


class StillEnding(ConnectRefused):
    """The sign-in that was used before is still being ended, and the new one would end with it."""

    def __init__(self, service: Service):
        super().__init__(
            f"{service.name} is still ending the sign-in that the portal used before.",
            f"Wait a minute, then press {service.words.sign_in} again.",
        )


class UnknownAttempt(ConnectRefused):
    message = _("You did not start this sign-in in this browser, so the portal did not use it.")
    status = 400


class UsedAttempt(ConnectRefused):
    message = _("You have used this sign-in already. Nothing was changed.")
    status = 400


class ExpiredAttempt(ConnectRefused):
    message = _("You started the sign-in more than 15 minutes ago, so the portal did not use it.")
    status = 400


class NotAdministrator(ConnectRefused):
    """The person who signed in has no administrator role in the tenant."""

    def __init__(self, service: Service, email: str):
        super().__init__(
            f"{email} is not an administrator in {service.name}. Only an administrator there can connect it.",
            f"Start again, and sign in as an administrator of your company's {service.name}.",
        )


class ConnectedElsewhere(ConnectRefused):
    """The tenant is connected to another organisation of this portal."""

    def __init__(self, service: Service):
        super().__init__(
            f"The {service.name} you signed in to is already connected to another organisation in this portal.",
            "Disconnect it there first, or sign in to another one.",
        )


class OtherTenant(ConnectRefused):
    """The sign-in was for another tenant than the connected one, so the connection is unchanged."""

    def __init__(self, service: Service, tenant_name: str):
        super().__init__(
            f"That sign-in belongs to another {service.name} than the connected one. The connection is unchanged.",
            f"Start again, and sign in as an administrator of {tenant_name}.",
        )


class NoQualifyingLicence(ConnectRefused):
    """The tenant has bought nothing that is enough for account provisioning."""

    def __init__(self, service: Service, tenant_name: str, licences: list[Licence]):
        have = spoken(sorted({_with_seats(licence) for licence in licences})) or "no licence at all"
        super().__init__(
            f"In {tenant_name} you have {have}; you need {service.words.requirement}.",
            f"Buy one in the {service.words.console}, then start again with the sign-in button.",
        )


def _with_seats(licence: Licence) -> str:
    return licence.name if licence.assignable and licence.total != 0 else f"{licence.name} (no active seats)"


class NotGrantedYet(ConnectRefused):
    """A permission the portal cannot work without is not there, or not there yet. Checking again may be enough."""

    def __init__(self, service: Service, missing: list[Permission]):
        features = spoken([permission.feature for permission in missing], "or")
        names = spoken([permission.names[0] for permission in missing])
        super().__init__(
            f"{service.name} does not allow the portal to {features} yet.",
            "New permissions can take a few minutes to arrive: press Check again. If that does not help, ask your IT "
            f"team whether the portal’s registration asks for {names}.",
        )
