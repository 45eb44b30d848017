"""Microsoft Graph v1.0: the calls with which accounts are provisioned. Each names the page it follows."""

from flask import Blueprint


def blueprint() -> Blueprint:
    """All calls, registered."""
    from portal.sandbox.graph import (  # noqa: F401
        attachments,
        batch,
        calls,
        deleted,
        delta,
        events,
        groups,
        licences,
        links,
        mailbox,
        me,
        message_rules,
        messages,
        passes,
        pictures,
        reports,
        subscriptions,
        tenant,
        unknown,
        users,
    )

    return calls.blueprint


def files() -> Blueprint:
    """Where Graph sends its callers on to."""
    from portal.sandbox.graph import reports

    return reports.files
