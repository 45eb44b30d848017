"""Temporary Access Passes, through Graph.

https://learn.microsoft.com/entra/identity/authentication/howto-authentication-temporary-access-pass
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from portal.connectors.errors import NotPermitted, Refused
from portal.connectors.microsoft365 import shapes
from portal.connectors.microsoft365.client import GraphClient, user_path
from portal.connectors.microsoft365.fresh import FRESH
from portal.connectors.microsoft365.moments import moment
from portal.connectors.passes import NO_PASSES, Pass, PassRules
from portal.connectors.values import Permission
from portal.languages import gettext as _

MAKE = Permission(
    ("UserAuthMethod-TAP.ReadWrite.All", "UserAuthenticationMethod.ReadWrite.All"),
    _("make a Temporary Access Pass"),
    required=False,
    only_if_used=True,
)
READ = Permission(
    ("Policy.Read.AuthenticationMethod", "Policy.ReadWrite.AuthenticationMethod", "Policy.Read.All"),
    _("read who may have a Temporary Access Pass, and for how long"),
    required=False,
    only_if_used=True,
)
POLICY = "/policies/authenticationMethodsPolicy/authenticationMethodConfigurations/temporaryAccessPass"
EVERYBODY = "all_users"
# Where the answer leaves them out. https://learn.microsoft.com/graph/api/resources/temporaryaccesspassauthenticationmethodconfiguration
SHORTEST, LONGEST, USUAL = 60, 480, 60


class GraphPasses:
    """The Passes of one tenant."""

    graph: GraphClient

    def pass_rules(self, account_id: str | None = None) -> PassRules:
        """https://learn.microsoft.com/graph/api/temporaryaccesspassauthenticationmethodconfiguration-get

        Raises NotPermitted where the portal may not read it.
        """
        found = self.graph.call("GET", POLICY, shape=shapes.PassPolicy)
        if found.get("state") != "enabled" or not self._includes(found, account_id):
            return NO_PASSES
        return PassRules(
            allowed=True,
            shortest=found.get("minimumLifetimeInMinutes") or SHORTEST,
            longest=found.get("maximumLifetimeInMinutes") or LONGEST,
            usual=found.get("defaultLifetimeInMinutes") or USUAL,
            once=bool(found.get("isUsableOnce")),
        )

    def _includes(self, policy: dict[str, Any], account_id: str | None) -> bool:
        """Whether the policy is for the account; for anybody at all, without one."""
        included = {target["id"] for target in policy.get("includeTargets") or ()}
        excluded = {target["id"] for target in policy.get("excludeTargets") or ()}
        if account_id is None:
            return bool(included)
        groups = set()
        if excluded or EVERYBODY not in included:
            with FRESH.known(account_id):
                groups = {member.get("id") for member in self.graph.member_of(account_id)} | {account_id}
        return (EVERYBODY in included or bool(included & groups)) and not excluded & groups

    def hand_out_pass(self, account_id: str, minutes: int, *, once: bool = False) -> Pass:
        """https://learn.microsoft.com/graph/api/authentication-post-temporaryaccesspassmethods"""
        body = {"lifetimeInMinutes": minutes, "isUsableOnce": once}
        try:
            with FRESH.known(account_id):
                made = self.graph.call(
                    "POST", f"{user_path(account_id)}/authentication/temporaryAccessPassMethods", body,
                    shape=shapes.TemporaryPass,
                )  # fmt: skip
        except NotPermitted as error:
            raise error.worded(
                _("Your company’s Microsoft 365 does not let the portal make a Temporary Access Pass.")
            ) from error
        except Refused as error:
            raise error.worded(error.message, next_step=error.next_step, target="pass") from error
        begins = moment(made.get("startDateTime")) or datetime.now(UTC)
        lasts = timedelta(minutes=made.get("lifetimeInMinutes") or minutes)
        return Pass(made["temporaryAccessPass"], begins + lasts, bool(made.get("isUsableOnce")))
