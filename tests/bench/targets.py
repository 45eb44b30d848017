"""What the figures are measured by: `make bench` fails when one is missed by more than a tenth."""

from dataclasses import dataclass
from typing import Any

LEEWAY = 1.1
# From so many percent on the processor is used up.
BUSY = 95


@dataclass(frozen=True)
class Target:
    """words: what is measured. limit: what it is to be at the most, or `at_least` so much. where: on which page."""

    words: str
    value: float
    limit: float
    at_least: bool = False
    where: str = ""

    @property
    def is_reached(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    @property
    def is_missed(self) -> bool:
        return self.value < self.limit / LEEWAY if self.at_least else self.value > self.limit * LEEWAY

    @property
    def wanted(self) -> str:
        return f"{'at least' if self.at_least else 'at most'} {self.limit:g}"

    def __str__(self) -> str:
        return f"{self.words}{self.where and ', '}{self.where}: {self.value:.2f}, to be {self.wanted}"


def table(targets: list[Target]) -> str:
    """A line for each thing that is measured, on however many pages."""
    lines = ["| measured | wanted | found | reached |", "| --- | --- | --- | --- |"]
    for words in dict.fromkeys(target.words for target in targets):
        alike = [target for target in targets if target.words == words]
        values, reached = sorted(target.value for target in alike), sum(target.is_reached for target in alike)
        span = " to ".join(dict.fromkeys(f"{value:,.{0 if value >= 100 else 2}f}" for value in (values[0], values[-1])))
        if len(alike) > 1:
            told = f"on {reached} of {len(alike)} pages"
        else:
            told = "yes" if reached else "no" if alike[0].is_missed else "to within a tenth"
        lines.append(f"| {words} | {alike[0].wanted} | {span} | {told} |")
    return "\n".join(lines)


def of_pages(kind: str, pages: dict[str, Any]) -> list[Target]:
    """kind: of the database."""
    found = []
    for name, page in pages.items():
        found.append(Target(f"{kind}, p50 with 100,000 employees : with 1,000", page["growth"], 1.2, where=name))
        for size, measured in page["sizes"].items():
            where = f"{name}, {int(size):,} employees"
            found += [
                Target(f"{kind}, p50 : floor", measured["ratio"], 2, where=where),
                Target(f"{kind}, p99 : floor", measured["ratio99"], 2, where=where),
                Target(f"{kind}, requests a second : floor's", measured["rate ratio"], 0.6, at_least=True, where=where),
            ]
    return found


def of_processes(found: dict[str, Any]) -> list[Target]:
    return [
        Target("seconds from the start of a web process to its first answer", found["start"], 1.0),
        Target("MB of a web process", found["web"], 90),
        Target("ms of the portal's own in one create", found["own"], 25),
    ]


def of_people(sync: dict[str, Any], imports: dict[str, Any]) -> list[Target]:
    """Of many people read, planned, imported and exported."""
    return [
        Target("users a second of a first reading", sync["per second"], 5_000, at_least=True),
        Target("MB on top for a first reading", sync["memory"], 150),
        Target("seconds of planning an import", imports["planned"], 10),
        Target("seconds of an import", imports["seconds"], 12),
        Target("MB on top for an export", imports["export memory"], 50),
    ]


def of_runs(run: dict[str, Any], several: dict[str, Any], quota: dict[str, Any]) -> list[Target]:
    workers, tenants = several["workers"], several["tenants"]
    found = [
        Target("a Run, ms of the processor for a person", run["cpu"], 10),
        Target("a Run : msgraph-sdk", run["ratio"], 40, at_least=True),
        Target("percent of its quota that a long Run uses", quota["share"], 95, at_least=True),
        Target("two workers : one, on PostgreSQL", workers["slow"]["ratio"], 1.8, at_least=True),
        Target("refused writes of ten tenants", tenants["refused"], 0),
        Target("least share : most, of ten tenants", tenants["least"] / tenants["most"], 0.9, at_least=True),
    ]
    if tenants["busy"] < BUSY:
        words = "least share of its quota that one of ten tenants had"
        found.append(Target(words, tenants["least"], 95, at_least=True))
    return found
