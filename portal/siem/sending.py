"""Pushes the lines that a target does not have, in order: its mark moves once it has taken them.

So after a crash in between some come twice, and none is left out. The audit log itself is what waits: nothing is
copied for a target, and no change ever waits for one.
"""

import contextlib
import ssl
import time
from datetime import timedelta
from typing import Any

from portal import audit, vault
from portal.audit import AuditEntry
from portal.database import now
from portal.guard import calls
from portal.guard.calls import NoAnswer
from portal.languages import gettext as _
from portal.languages import joined, ngettext
from portal.logs import log
from portal.mail.lane import Lane
from portal.organisations.plans import Feature
from portal.problems import Problem
from portal.siem import formats
from portal.siem.models import BACKLOG, Kind, Target
from portal.webhooks import telling

AT_ONCE = 500
LEASE = timedelta(minutes=2)
TURN = timedelta(seconds=30)
FIRST_PAUSE, LONGEST_PAUSE = 5, 300
# How long the other end may take to say that it has read to the end.
GOODBYE = 5.0
LANE = Lane("siem", 8)


def send_all(target_id: int) -> None:
    """Push to the target for a turn, unless another worker does."""
    target = _claimed(target_id)
    if target is None:
        return
    until = now() + TURN
    try:
        while now() < until and _send_some(target):
            _renew(target)
    except (Problem, vault.CannotOpen) as problem:
        _note_problem(
            target, problem.message if isinstance(problem, Problem) else _("Its address cannot be decrypted.")
        )
    finally:
        Target.update(lease_until=None).where(Target.id == target.id).execute()


def _claimed(target_id: int) -> Target | None:
    moment = now()
    free = Target.lease_until.is_null() | (Target.lease_until < moment)
    mine = Target.update(lease_until=moment + LEASE).where(
        Target.id == target_id, free, Target.paused_at.is_null(), Target.not_before <= moment
    )
    if not Target.get_by_id(target_id).organisation.has(Feature.ACCOUNT_PROVISIONING):
        return None
    return Target.get_by_id(target_id) if mine.execute() else None


def _renew(target: Target) -> None:
    Target.update(lease_until=now() + LEASE).where(Target.id == target.id).execute()


def _send_some(target: Target) -> bool:
    """Push the next lines; whether there may be more. Raises Problem."""
    rows = list(target.unsent().order_by(AuditEntry.number).limit(AT_ONCE))
    if not rows or Target.select().where(Target.id == target.id, Target.paused_at.is_null(False)).exists():
        return False
    push(target, _lines(target, rows))
    _note_good(target, rows[-1].number)
    return len(rows) == AT_ONCE


def _lines(target: Target, rows: list[AuditEntry]) -> list[dict[str, Any]]:
    first = rows[0].number
    before = AuditEntry.get_or_none(AuditEntry.organisation == target.organisation_id, AuditEntry.number == first - 1)
    lines, previous = [], before.hash if before is not None else ""
    for row in rows:
        lines.append(formats.fields(row, previous, target.organisation.key, personal=target.personal))
        previous = row.hash
    return lines


def push(target: Target, lines: list[dict[str, Any]]) -> None:
    """Give the lines to the target. Raises NotPublic, NoAnswer when it may not have them."""
    if target.kind == Kind.HTTPS:
        _post(target, lines)
    else:
        _stream(target, lines)


def _post(target: Target, lines: list[dict[str, Any]]) -> None:
    """As JSON lines; to Splunk's collector each as an event of its own."""
    is_splunk = target.header == "Splunk"
    body = "\n".join(formats.as_json(_event(line) if is_splunk else line) for line in lines) + "\n"
    headers = {"Content-Type": "application/x-ndjson", "User-Agent": "account-portal-audit/1"}
    if target.encrypted_token:
        headers["Authorization"] = f"{target.header} {target.token}"
    answer = calls.send("POST", target.address, headers=headers, data=body.encode())
    if not answer.good:
        raise NoAnswer(
            _("%(host)s answered %(status)s.", host=target.host, status=answer.status),
            _("Check the address and the token."),
        )


def _event(line: dict[str, Any]) -> dict[str, Any]:
    return {"source": "portal", "sourcetype": "portal:audit", "time": line["at"], "event": line}


def _stream(target: Target, lines: list[dict[str, Any]]) -> None:
    """As syslog over TLS. It has no receipt: that the other end closes in order is the best there is."""
    frames = [formats.syslog(line, _message(target, line)) for line in lines]
    opened = calls.connect_tls(target.address)
    try:
        _send_in_time(opened, b"".join(frames))
        _say_goodbye(opened)
    except OSError as error:
        raise NoAnswer(_("%(host)s closed the connection before it had read everything.", host=target.host)) from error
    finally:
        opened.close()


def _send_in_time(opened: ssl.SSLSocket, frames: bytes) -> None:
    """All of it before one moment, however slowly the other end reads. Raises OSError."""
    rest, until = memoryview(frames), time.monotonic() + calls.PATIENCE
    while rest:
        left = until - time.monotonic()
        if left <= 0:
            raise TimeoutError("read too slowly")
        opened.settimeout(left)
        rest = rest[opened.send(rest) :]


def _message(target: Target, line: dict[str, Any]) -> str:
    return formats.cef(line) if target.kind == Kind.CEF else formats.as_json(line)


def _say_goodbye(opened: ssl.SSLSocket) -> None:
    """End the connection and wait for the other end to do so. Raises OSError when it broke it off with data unread."""
    opened.settimeout(GOODBYE)
    # Many close without the goodbye of TLS, or not at all: neither says that anything was lost.
    with contextlib.suppress(ssl.SSLError, TimeoutError, BrokenPipeError):
        opened.unwrap()


def _note_good(target: Target, mark: int) -> None:
    moment, today = now(), target.organisation.today.isoformat()
    target.mark = mark
    values = {"mark": mark, "last_ok_at": moment, "problem": "", "failing_since": None, "tries": 0}
    with audit.turn(target.organisation_id):
        Target.update(values).where(Target.id == target.id).execute()
        first = Target.update(used_on=today).where(Target.id == target.id, Target.used_on != today)
        if first.execute():
            audit.record("portal", "use SIEM", target)


def _note_problem(target: Target, problem: str) -> None:
    moment, since = now(), target.failing_since or now()
    pause = min(FIRST_PAUSE * 2 ** min(target.tries, 10), LONGEST_PAUSE)
    values = {
        "problem": problem, "failing_since": since, "tries": target.tries + 1,
        "not_before": moment + timedelta(seconds=pause),
    }  # fmt: skip
    with audit.turn(target.organisation_id):
        Target.update(values).where(Target.id == target.id).execute()
        if moment - since > BACKLOG:
            why = ngettext(
                "It has accepted nothing for %(num)s day.", "It has accepted nothing for %(num)s days.", BACKLOG.days
            )
            Target.update(paused_at=moment, paused_why=why, told=False).where(Target.id == target.id).execute()
            audit.record("portal", "pause SIEM", target, reason=why)
            telling.soon(Target, target.id, tell_paused)
    log.warning("audit log not pushed", target=target.id, reason=problem)


def tell_paused(target: Target) -> None:
    """Email the Admins that it is paused."""
    words = {
        "title": _("%(target)s is paused", target=target.name),
        "link": telling.address(f"/siem/{target.id}"),
        "label": _("See it under Settings > Integrations"),
        "lines": [
            joined(
                _("The audit log is no longer sent to %(name)s (%(host)s).", name=target.name, host=target.host),
                target.paused_why,
                target.problem,
            ),
            _("Nothing is lost: Resume continues where it stopped."),
        ],
    }
    telling.send_once(target, words)
