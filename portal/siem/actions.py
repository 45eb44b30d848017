"""Adding, pausing, testing and removing targets of the audit log."""

from portal import audit, vault
from portal.audit import AuditEntry
from portal.auth import proof
from portal.auth.models import User
from portal.database import now
from portal.guard import turns
from portal.guard.addresses import Address
from portal.languages import gettext as _
from portal.organisations.models import Organisation
from portal.problems import Problem
from portal.siem import formats, sending
from portal.siem.models import Kind, Target

MOST_TARGETS = 5


class TooManyTargets(Problem):
    message = _("Your organisation cannot send its audit log to more systems.")
    next_step = _("Remove one that is no longer used.")


def make(
    organisation: Organisation, *, kind: Kind, name: str, address: Address, by: User, token: str = "",
    header: str = "Bearer", personal: bool = False, whole: bool = False,
) -> Target:  # fmt: skip
    """Add a target. whole: send what is there already too, not only what follows. Raises TooManyTargets."""
    with audit.turn(organisation.id):
        proof.hold_actor(by)
        if Target.select().where(Target.organisation == organisation).count() >= MOST_TARGETS:
            raise TooManyTargets()
        last = 0 if whole else int(audit.last_line(organisation).partition(":")[0] or 0)
        target = Target.create(
            organisation=organisation, kind=kind, name=name, host=address.netloc, header=header, personal=personal,
            encrypted_address=vault.encrypt(address.text), encrypted_token=vault.encrypt(token) if token else "",
            mark=last, made_by=by, made_by_name=by.display_name,
        )  # fmt: skip
        audit.record(by, "add SIEM", target, host=target.host, format=kind, values=personal, whole_log=whole)
    return target


def pause(target: Target, *, by: User) -> None:
    """Send nothing until an Admin resumes it; the audit log keeps what is to be sent."""
    with audit.turn(target.organisation_id):
        proof.hold_actor(by)
        values = {"paused_at": now(), "paused_why": _("%(name)s paused it.", name=by.display_name)}
        if Target.update(values).where(Target.id == target.id, Target.paused_at.is_null()).execute():
            audit.record(by, "pause SIEM", target)


def resume(target: Target, *, by: User) -> None:
    """Go on where it stopped."""
    fresh = {
        "paused_at": None, "paused_why": "", "told": True, "problem": "", "failing_since": None, "tries": 0,
        "not_before": now(),
    }  # fmt: skip
    with audit.turn(target.organisation_id):
        proof.hold_actor(by)
        if Target.update(fresh).where(Target.id == target.id, Target.paused_at.is_null(False)).execute():
            audit.record(by, "resume SIEM", target)


def remove(target: Target, *, by: User) -> None:
    """Take the target away."""
    with audit.turn(target.organisation_id):
        proof.hold_actor(by)
        audit.record(by, "remove SIEM", target, host=target.host)
        target.delete_instance()


def test(target: Target, *, by: User) -> None:
    """Send a line that is not from the audit log, at once. Raises NotPublic, NoAnswer, StillWaiting."""
    with turns.turn(target.organisation_id):
        _test(target, by=by)


def _test(target: Target, *, by: User) -> None:
    with audit.turn(target.organisation_id):
        proof.hold_actor(by)
        audit.record(by, "test SIEM", target)
    entry = AuditEntry(
        organisation=target.organisation, number=0, at=now(), by_name=by.display_name, action="test", hash="",
        subject_kind="Target", subject_id=target.id, detail={},
    )  # fmt: skip
    sending.push(target, [formats.fields(entry, "", target.organisation.key, personal=target.personal)])
