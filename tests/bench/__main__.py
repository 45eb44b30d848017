"""`make bench`: measures each part in a process of its own and writes docs/benchmarks.md."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.bench.pages import CLIENTS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
TEMPLATE = Path(__file__).with_name("benchmarks.md.template")


def measured(part: str) -> dict[str, Any]:
    """What a part measured in a process of its own, so that its memory is its own."""
    ended = subprocess.run([sys.executable, "-m", f"tests.bench.{part}"], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(ended.stdout.splitlines()[-1])


def table(pages: dict[str, Any]) -> str:
    """A line for each page and number of employees."""
    lines = ["| page | employees | p50 | p99 | p50 : floor | p99 : floor |", "| --- | --- | --- | --- | --- | --- |"]
    for name, sizes in pages.items():
        for size, found in sizes["sizes"].items():
            times = f"{found['p50']:.1f} ms | {found['p99']:.1f} ms | {found['ratio']:.1f} | {found['ratio99']:.1f}"
            lines.append(f"| {name} | {int(size):,} | {times} |")
    return "\n".join(lines)


def rates(pages: dict[str, Any]) -> str:
    """Requests a second of each page, and how they compare with the floor's."""
    lines = ["| page | employees | requests a second | of the floor's |", "| --- | --- | --- | --- |"]
    for name, sizes in pages.items():
        for size, found in sizes["sizes"].items():
            lines.append(f"| {name} | {int(size):,} | {found['rate']:.0f} | {found['rate ratio']:.2f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    pages = measured("pages")
    growth = ", ".join(f"{name} {found['growth']:.2f}" for name, found in pages.items())
    text = TEMPLATE.read_text(encoding="utf-8").format(
        run=measured("run"), quota=measured("quota"), pages=table(pages), growth=growth, rates=rates(pages),
        clients=CLIENTS, processes=measured("processes"), sync=measured("sync"),
    )  # fmt: skip
    PAGE.write_text(text, encoding="utf-8")
