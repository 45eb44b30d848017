"""Microsoft's own client, used as its documentation shows, against the same sandbox."""

import time
from typing import Any

import msal
import requests

from tests.sandbox.process import SandboxProcess


class Sdk:
    """sdk.run(lambda client: …) returns what the coroutine of it returns."""

    def __init__(self, sandbox: SandboxProcess):
        self.sandbox = sandbox
        session = requests.Session()
        session.trust_env, session.verify = False, sandbox.ca_file
        self.application = msal.ConfidentialClientApplication(
            sandbox.client_id, client_credential=sandbox.client_secret, http_client=session,
            authority=f"{sandbox.login_url}/{sandbox.tenants[0]['id']}", instance_discovery=False,
        )  # fmt: skip

    def run(self, ask: Any) -> Any:
        from tests.conformance.conftest import Graph

        return Graph(self.sandbox, self.application).run(ask)


def people_per_second(sandbox: SandboxProcess, product: str, manager: str, count: int) -> float:
    """Create, assign the licence, set the manager: one person after the other."""
    from msgraph.generated.models.assigned_license import AssignedLicense
    from msgraph.generated.models.password_profile import PasswordProfile
    from msgraph.generated.models.reference_update import ReferenceUpdate
    from msgraph.generated.models.user import User
    from msgraph.generated.users.item.assign_license.assign_license_post_request_body import (
        AssignLicensePostRequestBody,
    )

    async def all_of_them(client: Any) -> float:
        began = time.perf_counter()
        for number in range(count):
            user = User(
                account_enabled=True, display_name=f"Sdk {number}", mail_nickname=f"sdk{number}", usage_location="GB",
                user_principal_name=f"sdk{number}@acme.example",
                password_profile=PasswordProfile(password="Correct-Horse-7", force_change_password_next_sign_in=True),
            )  # fmt: skip
            made = await client.users.post(user)
            licence = AssignLicensePostRequestBody(add_licenses=[AssignedLicense(sku_id=product)], remove_licenses=[])
            await client.users.by_user_id(made.id).assign_license.post(licence)
            link = ReferenceUpdate(odata_id=f"https://graph.microsoft.com/v1.0/users/{manager}")
            await client.users.by_user_id(made.id).manager.ref.put(link)
        return count / (time.perf_counter() - began)

    return Sdk(sandbox).run(all_of_them)
