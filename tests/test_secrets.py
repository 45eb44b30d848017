"""After a walk through everything that handles a secret, none is anywhere but where it belongs."""

import logging
import re

import structlog
from structlog.testing import LogCapture

from portal.database import database
from portal.hand_over.models import LoginMail
from tests.addons.conftest import connected, elsewhere  # noqa: F401
from tests.auth.test_second_factor import set_up
from tests.cast import PASSWORD
from tests.provisioning.conftest import tab


def everything_kept():
    return "".join(
        str(database.execute_sql(f'SELECT * FROM "{name}"').fetchall())  # noqa: S608
        for name in database.get_tables()
    )


def walk(alice, cast, acme, browser, wei):
    """Connect, create with a mail, resend, create with a password to show, and look at the receipts."""
    pages = [connected(alice, browser)]
    pages += [alice.get(tab(wei)), alice.press("Action"), alice.press("Create")]
    pages += [alice.get(tab(wei)), alice.press("Resend")]
    pages.append(alice.press("Resend", within="#account-card-microsoft-365 form[action$='/resend']"))
    nomail = cast.employee(acme, "Nomi", "Nomail", personal_email="")
    pages += [alice.get(tab(nomail)), alice.press("Action"), alice.press("Create")]
    pages += [alice.get(f"/provisioning/operations/{mail.operation_id}") for mail in list(LoginMail.select())]
    pages += [
        alice.get(address) for address in ("/provisioning", "/settings/audit-log", "/settings/add-ons/microsoft-365")
    ]
    pages.append(alice.post("/people/employees/999999/edit"))
    return pages


def token_of_sign_in(person):
    """What the person's cookie opens the portal with."""
    with person.client.session_transaction() as session:
        return session["_user_id"]


def test_no_secret_is_anywhere_it_does_not_belong(
    app, tables, alice, bob, cast, acme, elsewhere, sandbox, mailbox, capsys, caplog  # noqa: F811
):  # fmt: skip
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.DEBUG, logger="portal")
    captured = LogCapture()
    before = structlog.get_config()["processors"]
    structlog.configure(processors=[*before[:-1], captured])
    wei = cast.employee(acme, "Wei", "Zhang", personal_email="wei@home.example")
    try:
        pages = walk(alice, cast, acme, elsewhere, wei)
        seed, codes = set_up(alice)
        assert bob.post(f"/people/employees/{wei.id}/edit").status == 403
    finally:
        structlog.configure(processors=before)
    mailed = [mailbox.text(message).split("Temporary password:")[1].split()[0] for message in mailbox.messages]
    assert len(set(mailed)) == 2
    secrets = [*mailed, seed, *codes, PASSWORD, sandbox.client_secret]
    secrets += map(token_of_sign_in, (alice, bob))
    logs = str(captured.entries) + caplog.text + capsys.readouterr().err
    kept, shown = everything_kept(), "".join(page.html for page in pages)
    for where, text in (("logs", logs), ("database", kept), ("pages", shown)):
        assert not [secret for secret in secrets if secret in text], where
        # Tokens of the tenant, and of the sign-in.
        assert not re.findall(r"eyJ[\w-]{20,}", text), where
    for message in mailbox.messages:
        assert not [secret for secret in secrets if secret in str(message["Subject"])]
        assert not [secret for secret in (seed, PASSWORD, sandbox.client_secret) if secret in mailbox.text(message)]
