"""Products and SKUs, by Google's own names and ids.

https://developers.google.com/workspace/admin/licensing/v1/how-tos/products
"""

WORKSPACE, VAULT, GEMINI, ARCHIVED = "Google-Apps", "Google-Vault", "101047", "101034"
STARTER, STANDARD, PLUS = "1010020027", "1010020028", "1010020025"
ENTERPRISE_STANDARD, ENTERPRISE_PLUS, ENTERPRISE_STARTER = "1010020026", "1010020020", "1010020029"
FRONTLINE_STARTER, ESSENTIALS, IDENTITY_FREE = "1010020030", "1010060001", "1010010001"
BUSINESS_ARCHIVED = "1010340006"
PRODUCTS = {
    WORKSPACE: "Google Workspace", VAULT: "Google Vault", GEMINI: "Gemini", ARCHIVED: "Google Workspace Archived User",
    "101001": "Cloud Identity Free", "101005": "Cloud Identity Premium",
    "101031": "Google Workspace for Education", "101033": "Google Voice", "101038": "AppSheet",
}  # fmt: skip
SKUS: dict[str, tuple[str, str]] = {
    STARTER: (WORKSPACE, "Google Workspace Business Starter"),
    STANDARD: (WORKSPACE, "Google Workspace Business Standard"),
    PLUS: (WORKSPACE, "Google Workspace Business Plus"),
    ENTERPRISE_STARTER: (WORKSPACE, "Google Workspace Enterprise Starter"),
    ENTERPRISE_STANDARD: (WORKSPACE, "Google Workspace Enterprise Standard"),
    ENTERPRISE_PLUS: (WORKSPACE, "Google Workspace Enterprise Plus (formerly G Suite Enterprise)"),
    FRONTLINE_STARTER: (WORKSPACE, "Google Workspace Frontline Starter"),
    ESSENTIALS: (WORKSPACE, "Google Workspace Essentials (formerly G Suite Essentials)"),
    "Google-Apps-For-Business": (WORKSPACE, "G Suite Basic"),
    "Google-Apps-Unlimited": (WORKSPACE, "G Suite Business"),
    "Google-Vault": (VAULT, "Google Vault"),
    "Google-Vault-Former-Employee": (VAULT, "Google Vault - Former Employee"),
    "1010470001": (GEMINI, "Gemini Enterprise - Legacy"),
    "1010470003": (GEMINI, "Gemini Business"),
    IDENTITY_FREE: ("101001", "Cloud Identity Free"),
    "1010050001": ("101005", "Cloud Identity Premium"),
    "1010310008": ("101031", "Google Workspace for Education Plus"),
    "1010310005": ("101031", "Google Workspace for Education Standard"),
    "1010330003": ("101033", "Google Voice Starter"),
    "1010380001": ("101038", "AppSheet Core"),
    "1010340001": (ARCHIVED, "Google Workspace Enterprise Plus - Archived User"),
    "1010340003": (ARCHIVED, "Google Workspace Business Plus - Archived User"),
    "1010340004": (ARCHIVED, "Google Workspace Enterprise Standard - Archived User"),
    "1010340005": (ARCHIVED, "Google Workspace Business Starter - Archived User"),
    BUSINESS_ARCHIVED: (ARCHIVED, "Google Workspace Business Standard - Archived User"),
}  # fmt: skip
# The Archived User licence that goes with each edition.
ARCHIVE_OF = {
    STARTER: "1010340005", STANDARD: BUSINESS_ARCHIVED, PLUS: "1010340003", ENTERPRISE_STANDARD: "1010340004",
    ENTERPRISE_PLUS: "1010340001",
}  # fmt: skip


def product_of(sku: str) -> str:
    """Raises KeyError."""
    return SKUS[sku][0]
