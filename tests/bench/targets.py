"""What the figures are measured by: `make bench` fails when one is missed by more than a tenth."""

from dataclasses import dataclass

LEEWAY = 1.1


@dataclass(frozen=True)
class Target:
    """words: what is measured. limit: what it is to be at the most, or `at_least` so much."""

    words: str
    value: float
    limit: float
    at_least: bool = False

    @property
    def is_missed(self) -> bool:
        return self.value < self.limit / LEEWAY if self.at_least else self.value > self.limit * LEEWAY

    def __str__(self) -> str:
        return f"{self.words}: {self.value:.2f}, to be {'at least' if self.at_least else 'at most'} {self.limit:g}"
