"""A quota that fills again at a steady rate."""

from dataclasses import dataclass


@dataclass
class Bucket:
    """size: how much fits. seconds: in how many an empty one is full again. level: what is in it now."""

    size: float
    seconds: float
    level: float
    at: float

    def fill(self, moment: float) -> None:
        self.level = min(self.size, self.level + (moment - self.at) * self.size / self.seconds)
        self.at = moment

    def wait_for(self, amount: float) -> float:
        """Seconds until there is so much in it; 0 when there is."""
        return max(0.0, (amount - self.level) * self.seconds / self.size)
