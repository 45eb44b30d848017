"""`make bench`: measures each part in a process of its own and writes docs/benchmarks.md."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.bench.pages import CLIENTS
from tests.bench.targets import of_pages, of_people, of_processes, of_runs
from tests.bench.targets import table as targets_table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
TEMPLATE = Path(__file__).with_name("benchmarks.md.template")


def measured(*part: str) -> dict[str, Any]:
    """What a part measured in a process of its own, so that its memory is its own. part: with what it is given."""
    command = [sys.executable, "-m", f"tests.bench.{part[0]}", *part[1:]]
    ended = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
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


def main() -> int:
    pages, run, workers = measured("pages"), measured("run"), measured("several", "workers")
    with ThreadPoolExecutor() as pool:
        # Both wait for quota most of the time.
        tenants, long = pool.submit(measured, "several", "shares"), pool.submit(measured, "quota")
    several, quota = {"workers": workers, "tenants": tenants.result()}, long.result()
    processes, sync, imports = (measured(part) for part in ("processes", "sync", "imports"))
    targets = [*of_runs(run, several, quota), *of_processes(processes), *of_people(sync, imports)]
    targets += [target for kind, found in pages.items() for target in of_pages(kind, found)]
    text = TEMPLATE.read_text(encoding="utf-8").format(
        run=run, several=several, quota=quota, sqlite=table(pages["SQLite"]), clients=CLIENTS,
        postgresql=table(pages["PostgreSQL"]), sqlite_growth=growth(pages["SQLite"]),
        postgresql_growth=growth(pages["PostgreSQL"]), processes=processes, sync=sync, imports=imports,
        targets=targets_table(targets),
    )  # fmt: skip
    PAGE.write_text(text, encoding="utf-8")
    missed = [target for target in targets if target.is_missed]
    sys.stderr.write("".join(f"Missed: {target}\n" for target in missed))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
