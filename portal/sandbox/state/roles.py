"""Directory roles and their template ids.

https://learn.microsoft.com/entra/identity/role-based-access-control/permissions-reference
"""

GLOBAL_ADMINISTRATOR = "Global Administrator"
PRIVILEGED_ROLE_ADMINISTRATOR = "Privileged Role Administrator"
USER_ADMINISTRATOR = "User Administrator"
TEMPLATES = {
    GLOBAL_ADMINISTRATOR: "62e90394-69f5-4237-9190-012177145e10",
    USER_ADMINISTRATOR: "fe930be7-5e62-47db-91af-98c3a49a38b1",
    PRIVILEGED_ROLE_ADMINISTRATOR: "e8611ab8-c189-46e8-94e1-60213ab1f814",
    "License Administrator": "4d6ac14f-3453-41d0-bef9-a3e0c569773a",
    "Application Administrator": "9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3",
    "Cloud Application Administrator": "158c047a-c907-4556-b7ef-446551a6b5f7",
}
# https://learn.microsoft.com/entra/identity-platform/v2-admin-consent: who may consent to application permissions.
MAY_CONSENT = frozenset({GLOBAL_ADMINISTRATOR, PRIVILEGED_ROLE_ADMINISTRATOR})
# An application that holds one of these may touch what is sensitive of administrators.
MAY_TOUCH_ADMINISTRATORS = frozenset({GLOBAL_ADMINISTRATOR, USER_ADMINISTRATOR})
