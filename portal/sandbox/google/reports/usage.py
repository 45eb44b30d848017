"""How many seats there are: days old, and of the older editions alone.

https://developers.google.com/workspace/admin/reports/v1/appendix/usage/customer/accounts
"""

import re
from typing import Any

from portal.sandbox.google.calls import Asked, call, state
from portal.sandbox.google.licensing import seats
from portal.sandbox.google.refusals import Refusal
from portal.sandbox.google.state import User, people
from portal.sandbox.google.state.models import Licence

# Nothing is told of Business Starter, Standard and Plus.
NAMES = {
    "Google-Apps-For-Business": "gsuite_basic", "Google-Apps-Unlimited": "gsuite_unlimited",
    "1010020020": "gsuite_enterprise", "Google-Vault": "vault",
}  # fmt: skip
DAYS_LATE = 2


@call("reports.customerUsageReports.get")
def get(asked: Asked) -> dict[str, Any]:
    customer, date = asked.caller.need_admin(), asked.names["date"]
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", date):
        raise Refusal(400, "invalid", f"Invalid value '{date}'.", where=("parameter", "date"))
    latest = people.written(state().clock.time() - DAYS_LATE * 86400)[:10]
    if date > latest:
        text = f"Data for dates later than {latest} is not yet available. Please check back later"
        raise Refusal(400, "invalid", text)
    figures = {"accounts:num_users": User.select().where(User.customer == customer.id).count()}
    for sku, name in NAMES.items():
        if sku in customer.rule("seats"):
            figures[f"accounts:{name}_total_licenses"] = customer.rule("seats")[sku]
            figures[f"accounts:{name}_used_licenses"] = seats.used(customer, sku)
    figures["accounts:apps_used_licenses"] = Licence.select().where(Licence.customer == customer.id).count()
    wanted = (asked.options.get("parameters") or "").split(",")
    report = {
        "kind": "admin#reports#usageReport", "etag": people.etag(customer.id, date), "date": date,
        "entity": {"type": "CUSTOMER", "customerId": customer.id},
        "parameters": [
            {"name": name, "intValue": str(value)}
            for name, value in figures.items() if wanted == [""] or name in wanted
        ],
    }  # fmt: skip
    return {"kind": "admin#reports#usageReports", "etag": people.etag(date), "usageReports": [report]}
