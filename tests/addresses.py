"""Every address of the portal and who may call it, drawn into docs/addresses.md. `make house` writes it."""

import os
import tempfile
from collections import defaultdict
from typing import Any

from cryptography.fernet import Fernet
from flask import Flask

from portal.access import PUBLIC, Action, ByToken
from tests.house import ROOT, drawn

PAGE = ROOT / "docs" / "addresses.md"
ANYBODY, TOKEN = "Anybody, signed in or not", "Other systems, by token"


def page(app: Flask) -> str:
    """The page as it should be."""
    found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for rule in app.url_map.iter_rules():
        decision = app.view_functions[rule.endpoint].access_rule  # type: ignore[attr-defined]
        found[_who(decision)][rule.rule] |= (rule.methods or set()) - {"HEAD", "OPTIONS"}
    order = {ANYBODY: 0, TOKEN: 2}
    parts = [
        _part(who, found[who]) for who in sorted(found, key=lambda who: (order.get(who.partition(":")[0], 1), who))
    ]
    return drawn(PAGE.read_text(encoding="utf-8"), "addresses", "\n\n".join(parts))


def _who(decision: Any) -> str:
    if decision == PUBLIC:
        return ANYBODY
    if isinstance(decision, ByToken):
        return f"{TOKEN}: {decision.scope}" if decision.scope else f"{TOKEN}: any scope"
    return f"Users who may {Action(decision[0])}"


def _part(who: str, addresses: dict[str, set[str]]) -> str:
    rows = [f"| `{address}` | {', '.join(sorted(methods))} |" for address, methods in sorted(addresses.items())]
    return "\n".join([f"## {who}", "", "| Address | Methods |", "| --- | --- |", *rows])


def _made() -> Flask:
    """The portal as anybody has it, in a folder that is thrown away."""
    from portal import create_app

    os.environ.setdefault("PORTAL_SECRET_KEY", "only to list the addresses")
    os.environ.setdefault("PORTAL_ENCRYPTION_KEYS", Fernet.generate_key().decode())
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PORTAL_INSTANCE_DIR"] = folder
        return create_app()


if __name__ == "__main__":
    PAGE.write_text(page(_made()), encoding="utf-8")
