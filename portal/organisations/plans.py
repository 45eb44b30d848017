"""Which plan has which feature. This is the one place to change it."""

from enum import StrEnum

from portal.languages import N_


class Feature(StrEnum):
    ACCOUNT_PROVISIONING = "account provisioning"
    RECRUITMENT = "recruitment"


# As a page begins a sentence with them.
NAMES = {
    Feature.ACCOUNT_PROVISIONING: N_("Account provisioning"),
    Feature.RECRUITMENT: N_("Recruitment"),
}


PLANS: dict[str, frozenset[Feature]] = {
    "Standard": frozenset(),
    "Premium": frozenset({Feature.RECRUITMENT}),
    "Platinum": frozenset({Feature.ACCOUNT_PROVISIONING, Feature.RECRUITMENT}),
}


def plans_with(feature: Feature) -> list[str]:
    return [name for name, features in PLANS.items() if feature in features]
