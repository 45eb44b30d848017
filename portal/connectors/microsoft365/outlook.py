"""Outlook of people: how an administrator allows it once, and how each person connects their own.

https://learn.microsoft.com/entra/identity-platform/v2-admin-consent and
https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
"""

import warnings
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from portal.connectors.errors import NotPermitted, SignInFailed
from portal.connectors.microsoft365 import login, oauth, tokens
from portal.connectors.microsoft365.mailbox import OutlookMailbox
from portal.connectors.microsoft365.mailbox_client import PATIENCE
from portal.connectors.microsoft365.person_cases import NOT_YOURS, from_person
from portal.connectors.microsoft365.person_tokens import SCOPES, PersonTokens, opened
from portal.connectors.microsoft365.settings import settings
from portal.connectors.personal import Admitted, PersonalMailbox
from portal.connectors.values import Administrator, Permission
from portal.languages import gettext as _

PERMISSIONS = (
    Permission(("Mail.Send",), _("send mail as the person"), required=True),
    Permission(("Mail.ReadWrite",), _("draft mail, check that it was sent, and find replies"), required=True),
    Permission(("Calendars.ReadWrite",), _("plan interviews in the person’s calendar"), required=True),
    Permission(("User.Read",), _("know whose mailbox it is"), required=True),
)


class Outlook:
    """The PersonalMail of Microsoft 365."""

    name = "Outlook"
    permissions = PERMISSIONS
    # Microsoft has no call with which an application gives one person's tokens back.
    left_behind = _(
        "Microsoft still lists the portal among your applications. To remove it there too, open “My Apps” at Microsoft."
    )

    def allow_url(self, tenant_id: str, *, redirect_uri: str, state: str) -> str:
        """The four by full name: .default would ask again for all that provisioning uses."""
        query = {
            "client_id": settings().client_id,
            "scope": " ".join(f"{tokens.graph()}/{scope}" for scope in SCOPES),
            "redirect_uri": redirect_uri,
            "state": state,
        }
        return f"{settings().login}/{tenant_id}/v2.0/adminconsent?{urlencode(query)}"

    def check_allowed(self, tenant_id: str, answer: Mapping[str, str]) -> None:
        oauth.check_consent(tenant_id, answer)

    def begin(self, tenant_id: str, *, redirect_uri: str, hint: str) -> tuple[str, dict[str, Any]]:
        with warnings.catch_warnings():
            # As in oauth.begin_sign_in: our cookies would not come with a form posted from Microsoft's site.
            warnings.simplefilter("ignore", UserWarning)
            flow = login.ask_as(
                tenant_id,
                opened(),
                lambda application: application.initiate_auth_code_flow(
                    SCOPES, redirect_uri=redirect_uri, prompt="select_account", login_hint=hint or None
                ),
            )
        return login.real_address(flow["auth_uri"]), flow

    def finish(self, tenant_id: str, flow: dict[str, Any], answer: Mapping[str, str]) -> Admitted:
        cache = opened()
        try:
            result = login.ask_as(
                tenant_id,
                cache,
                lambda application: application.acquire_token_by_auth_code_flow(flow, dict(answer)),
            )
        except (ValueError, RuntimeError, TypeError, AttributeError, LookupError) as error:
            message = _("The sign-in that came back does not belong to this attempt.")
            raise SignInFailed(message, code=_("state or nonce: %(error)s", error=error)[:120]) from error
        if "error" in result:
            raise from_person(result)
        person = oauth.administrator(result.get("id_token_claims") or {})
        scopes = frozenset(str(result.get("scope") or "").split())
        _check(tenant_id, person, scopes)
        return Admitted(person, scopes, cache.serialize())

    def mailbox(
        self, tenant_id: str, person_id: str, cache: str, *, keep: Callable[[str], None], patience: float | None = None
    ) -> PersonalMailbox:
        held = PersonTokens(tenant_id, person_id, cache, keep)
        return OutlookMailbox(held, patience=PATIENCE if patience is None else patience)


def _check(tenant_id: str, person: Administrator, scopes: frozenset[str]) -> None:
    """Raises SignInFailed for another tenant's person, NotPermitted when not everything was allowed."""
    if person.tenant_id != tenant_id.lower():
        raise SignInFailed(NOT_YOURS.message, next_step=NOT_YOURS.next_step, code="tid")
    # Microsoft may write them with or without the name of the resource.
    short = {scope.rpartition("/")[2].casefold() for scope in scopes}
    missing = [item for item in PERMISSIONS if item.names[0].casefold() not in short]
    if missing:
        raise NotPermitted(
            _(
                "Microsoft did not allow the portal to %(feature)s, so nothing was connected.",
                feature=missing[0].feature,
            ),
            next_step=_(
                "Press Connect Outlook again and accept everything, or ask an Admin to allow it for everybody."
            ),
            code=" ".join(item.names[0] for item in missing),
        )
