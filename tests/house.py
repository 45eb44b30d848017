"""The rooms of the portal as the import rule has them, drawn into docs/house.md. `make house` writes it."""

import ast
import re
import textwrap
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PORTAL = ROOT / "portal"
WIDTH = 92
# They have rules of their own, beside the house.
BESIDE = {"sandbox", "migrations"}


class Storey(NamedTuple):
    """A part of the import rule. lines: its rooms from the top down; those of a line are side by side."""

    title: str
    lines: list[str]

    @property
    def rooms(self) -> list[str]:
        return [room for line in self.lines for room in re.findall(r"portal\.(\w+)", line)]


class Hop(NamedTuple):
    """A call on the way of one create. depth: how far in. how: what it does. handed: called without an import."""

    depth: int
    name: str
    how: str
    handed: bool = False


CREATE = [
    Hop(0, "account_page.views.create_account", "the form, checked"),
    Hop(1, "seeing.place_or_404", "the employee, the connection and the account, loaded once"),
    Hop(1, "account_page.card_page.act", "waits a few seconds, then shows the card"),
    Hop(2, "provisioning.actions.create_account", "the rules: no account yet, the name is free"),
    Hop(3, "operations.engine.start", "writes the operation down, and the audit log with it"),
    Hop(3, "operations.jobs.carry_on", "the operation, as far as it gets in the request"),
    Hop(4, "operations.engine.carry_out", "what is particular to operations"),
    Hop(5, "carrying.engine.Engine.carry_out", "each step: intent, call, outcome"),
    Hop(6, "carrying.registry.Registry.plan_of", "the steps of the verb"),
    Hop(6, "provisioning.steps.create_account", "the account, or the one an earlier try made", True),
    Hop(7, "connectors.microsoft365.connector.GraphConnector.create", "the call to the application", True),
    Hop(6, "provisioning.licence_steps.assign_licence", "the licence, when one was chosen", True),
    Hop(6, "provisioning.record_steps.set_manager", "the manager, when they have an account", True),
    Hop(6, "provisioning.steps.read_back_active", "the account as the application shows it", True),
    Hop(6, "hand_over.steps.hand_over", "a row for the email, its password encrypted", True),
    Hop(6, "carrying.registry.Registry.settle", "the end and what belongs to it, in one transaction"),
    Hop(4, "carrying.registry.Registry.follow", "what goes on after the end", True),
    Hop(5, "provisioning.followups.deliver_its_mail", "the email that is due", True),
    Hop(6, "hand_over.delivery.send_now", "in a thread of its own; a person waits 3 seconds"),
    Hop(7, "mail.sending.send", "the conversation with the mail server"),
    Hop(2, "account_page.card_page.show_card", "the employee's card as it is now"),
]


def storeys() -> list[Storey]:
    """The import rule: its comments are the titles of the storeys."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    rule = text.split('name = "Rooms import downwards only"')[1].split("layers = [\n")[1].split("\n]")[0]
    found: list[Storey] = []
    for line in map(str.strip, rule.splitlines()):
        if line.startswith("# "):
            found.append(Storey(line[2:], []))
        else:
            found[-1].lines.append(line.strip('",'))
    return found


def rooms() -> set[str]:
    """The folders of portal/ that hold code, but for those beside the house."""
    return {path.parent.name for path in PORTAL.glob("*/*.py")} - BESIDE


def sentence(room: str) -> str:
    """The first line of what the room says of itself."""
    text = ast.get_docstring(ast.parse((PORTAL / room / "__init__.py").read_text(encoding="utf-8"))) or ""
    return text.partition("\n")[0]


def tables() -> str:
    """The rooms and what is in each, one table a storey."""
    parts = []
    for storey in storeys():
        rows = [f"| `portal/{room}` | {sentence(room)} |" for room in storey.rooms]
        parts.append("\n".join([f"| {storey.title} | |", "| --- | --- |", *rows]))
    return "\n\n".join(parts)


def picture() -> str:
    """The rooms in their storeys."""
    lines = []
    for number, storey in enumerate(storeys()):
        left, right = "┌┐" if number == 0 else "├┤"
        lines.append(f"{left}─ {storey.title} {'─' * (WIDTH - len(storey.title) - 5)}{right}")
        for line in storey.lines:
            shown = line.replace("portal.", "").replace(" | ", "   ").replace(" : ", " ↔ ")
            parts = textwrap.wrap(shown, WIDTH - 6, subsequent_indent="    ")
            lines += [f"│  {part:<{WIDTH - 4}}│" for part in parts]
    return "\n".join(["```", *lines, f"└{'─' * (WIDTH - 2)}┘", "```"])


def create() -> str:
    """The calls of one create, each with what it hands over."""
    lines = [f"{'  ' * hop.depth + hop.name + ' *' * hop.handed:<70}{hop.how}" for hop in CREATE]
    return "\n".join(["```", *lines, "```"])


def drawn(text: str, mark: str, part: str) -> str:
    """The text with what is between its marks replaced. Raises ValueError when it lacks the marks."""
    begin, end = f"<!-- {mark} -->", f"<!-- end of {mark} -->"
    before, _, rest = text.partition(begin)
    if end not in rest:
        raise ValueError(f"{begin} … {end} is missing")
    return f"{before}{begin}\n{part}\n{end}{rest.partition(end)[2]}"


def pages() -> dict[Path, str]:
    """Each page that is drawn, as it should be."""
    page = ROOT / "docs" / "house.md"
    text = page.read_text(encoding="utf-8")
    for mark, part in (("picture", picture()), ("rooms", tables()), ("create", create())):
        text = drawn(text, mark, part)
    return {page: text}


if __name__ == "__main__":
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
