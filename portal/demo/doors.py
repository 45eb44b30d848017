"""One of each door of Acme that leads to the demo's other systems; made once, and pointed to where they are now."""

import json
from pathlib import Path

from portal import vault
from portal.auth.models import User
from portal.database import transaction
from portal.guard import addresses
from portal.organisations.models import Organisation
from portal.siem import actions as siem
from portal.siem.models import SCHEMES, Target
from portal.siem.models import Kind as Format
from portal.webhooks import actions as webhooks
from portal.webhooks.models import Kind, Receiver

RECEIVERS = {
    Kind.WEBHOOK: ("Payroll", "/webhook"), Kind.TEAMS: ("HR in Teams", "/teams"), Kind.SLACK: ("HR in Slack", "/slack"),
}  # fmt: skip
SIEM = "Security team"


def make(organisation: Organisation, by: User, folder: Path) -> None:
    """Make the doors, unless they are there. folder: where the other systems have written down where they are."""
    file = folder / "systems.json"
    if not file.exists():
        return
    said = json.loads(file.read_text())
    for kind, (name, path) in RECEIVERS.items():
        address = addresses.read(said["https"] + path)
        mine = (Receiver.organisation == organisation) & (Receiver.name == name) & (Receiver.kind == kind)
        if not _point(Receiver, mine, address):
            webhooks.make(organisation, kind=kind, name=name, address=address, kinds=(), by=by)
    address = addresses.read(said["syslog"], SCHEMES[Format.SYSLOG])
    if not _point(Target, (Target.organisation == organisation) & (Target.name == SIEM), address):
        siem.make(organisation, kind=Format.SYSLOG, name=SIEM, address=address, by=by)


def _point(model: type[Receiver] | type[Target], mine: object, address: addresses.Address) -> bool:
    """Give the door of an earlier start the port of this one; whether there is one."""
    with transaction():
        fresh = {"host": address.netloc, "encrypted_address": vault.encrypt(address.text)}
        return bool(model.update(fresh).where(mine).execute())
