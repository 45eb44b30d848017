"""Why an application was not connected, each reason with its own sentence and next step."""

from portal.connections.doctor import features_of, spoken
from portal.connectors.base import Service
from portal.connectors.values import Licence, Permission
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
            _("This portal is not registered with %(service)s yet, so nobody can sign in there.", service=service.name),
            _(
                "Ask your IT team to register it and to fill in the settings. Missing: %(names)s.",
                names=spoken(list(service.settings_needed)),
            ),
        )


class AlreadyConnected(ConnectRefused):
    """The organisation has a live connection to this application."""

    def __init__(self, service: Service, tenant_name: str):
        super().__init__(
            _(
                "Your organisation is already connected to %(service)s: %(tenant)s. That connection is unchanged.",
                service=service.name,
                tenant=tenant_name,
            ),
            _("To connect another one, disconnect this one first."),
        )


class StillEnding(ConnectRefused):
    """The sign-in that was used before is still being ended, and the new one would end with it."""

    def __init__(self, service: Service):
        super().__init__(
            _("%(service)s is still ending the sign-in that the portal used before.", service=service.name),
            _("Wait a minute, then press %(sign_in)s again.", sign_in=service.words.sign_in),
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
            _(
                "%(email)s is not an administrator in %(service)s. Only an administrator there can connect it.",
                email=email,
                service=service.name,
            ),
            _("Start again, and sign in as an administrator of your company’s %(service)s.", service=service.name),
        )


class ConnectedElsewhere(ConnectRefused):
    """The tenant is connected to another organisation of this portal."""

    def __init__(self, service: Service):
        super().__init__(
            _(
                "The %(service)s you signed in to is already connected to another organisation in this portal.",
                service=service.name,
            ),
            _("Disconnect it there first, or sign in to another one."),
        )


class OtherTenant(ConnectRefused):
    """The sign-in was for another tenant than the connected one, so the connection is unchanged."""

    def __init__(self, service: Service, tenant_name: str):
        super().__init__(
            _(
                "That sign-in belongs to another %(service)s than the connected one. The connection is unchanged.",
                service=service.name,
            ),
            _("Start again, and sign in as an administrator of %(tenant)s.", tenant=tenant_name),
        )


class NoQualifyingLicence(ConnectRefused):
    """The tenant has bought nothing that is enough for account provisioning."""

    def __init__(self, service: Service, tenant_name: str, licences: list[Licence]):
        have = spoken(sorted({_with_seats(licence) for licence in licences})) or _("no licence at all")
        super().__init__(
            _(
                "In %(tenant)s you have %(have)s; you need %(requirement)s.",
                tenant=tenant_name,
                have=have,
                requirement=service.words.requirement,
            ),
            _("Buy one in the %(console)s, then start again with the sign-in button.", console=service.words.console),
        )


def _with_seats(licence: Licence) -> str:
    return (
        licence.name
        if licence.assignable and licence.total != 0
        else _("%(licence)s (no active seats)", licence=licence.name)
    )


class NotGrantedYet(ConnectRefused):
    """A permission the portal cannot work without is not there, or not there yet. Checking again may be enough."""

    def __init__(self, service: Service, missing: list[Permission]):
        features = features_of(missing)
        names = spoken([permission.names[0] for permission in missing])
        super().__init__(
            _("%(service)s does not allow the portal to %(features)s yet.", service=service.name, features=features),
            _(
                "New permissions can take a few minutes to arrive: press Check again. If that does "
                "not help, ask your IT team whether the portal’s registration asks for %(names)s.",
                names=names,
            ),
        )
