"""`make bench`: measures each part in a process of its own and writes docs/benchmarks.md."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.bench.pages import CLIENTS
from tests.bench.targets import Target

# From so many percent on the processor is used up.
BUSY = 95
PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
TEMPLATE = Path(__file__).with_name("benchmarks.md.template")


def measured(part: str) -> dict[str, Any]:
    """What a part measured in a process of its own, so that its memory is its own."""
    ended = subprocess.run([sys.executable, "-m", f"tests.bench.{part}"], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(ended.stdout.splitlines()[-1])


def table(pages: dict[str, Any]) -> str:
    """A line for each page and number of employees, of one database."""
    lines = [
        "| page | employees | p50 | p99 | p50 : floor | p99 : floor | CPU : floor | a second | of floor's | admin |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, page in pages.items():
        for size, found in page["sizes"].items():
            times = f"{found['p50']:.1f} ms | {found['p99']:.1f} ms | {found['ratio']:.1f} | {found['ratio99']:.1f}"
            rates = f"{found['cpu ratio']:.1f} | {found['rate']:.0f} | {found['rate ratio']:.2f}"
            admin = f"{found['admin']:.1f} ms" if found["admin"] else ""
            lines.append(f"| {name} | {int(size):,} | {times} | {rates} | {admin} |")
    return "\n".join(lines)


def growth(pages: dict[str, Any]) -> str:
    return ", ".join(f"{name} {found['growth']:.2f}" for name, found in pages.items())


def targets_of(kind: str, pages: dict[str, Any]) -> list[Target]:
    found = []
    for name, page in pages.items():
        found.append(Target(f"{kind}, {name}, 100,000 employees : 1,000", page["growth"], 1.2))
        for size, measured in page["sizes"].items():
            where = f"{kind}, {name}, {int(size):,} employees"
            found += [
                Target(f"{where}, p50 : floor", measured["ratio"], 2),
                Target(f"{where}, p99 : floor", measured["ratio99"], 2),
                Target(f"{where}, requests a second : floor", measured["rate ratio"], 0.6, at_least=True),
            ]
    return found


def targets_of_runs(run: dict[str, Any], several: dict[str, Any]) -> list[Target]:
    workers, tenants = several["workers"], several["tenants"]
    found = [
        Target("a Run, ms of the processor for a person", run["cpu"], 10),
        Target("a Run : msgraph-sdk", run["ratio"], 40, at_least=True),
        Target("two workers : one, on PostgreSQL", workers["ratio"], 1.8, at_least=True),
        Target("refused writes of ten tenants", tenants["refused"], 0),
    ]
    if tenants["busy"] < BUSY:
        found.append(
            Target("least share of its quota that one of ten tenants had", tenants["least"], 95, at_least=True)
        )
    return [
        *found,
        Target("least share : most, of ten tenants", tenants["least"] / tenants["most"], 0.9, at_least=True),
    ]


def main() -> int:
    pages, run, several = measured("pages"), measured("run"), measured("several")
    text = TEMPLATE.read_text(encoding="utf-8").format(
        run=run, several=several, quota=measured("quota"), sqlite=table(pages["SQLite"]), clients=CLIENTS,
        postgresql=table(pages["PostgreSQL"]), sqlite_growth=growth(pages["SQLite"]),
        postgresql_growth=growth(pages["PostgreSQL"]), processes=measured("processes"), sync=measured("sync"),
        imports=measured("imports"),
    )  # fmt: skip
    PAGE.write_text(text, encoding="utf-8")
    targets = [*targets_of_runs(run, several), *(one for kind in pages for one in targets_of(kind, pages[kind]))]
    missed = [target for target in targets if target.is_missed]
    sys.stderr.write("".join(f"Missed: {target}\n" for target in missed))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
