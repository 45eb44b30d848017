"""`make bench`: measures each part in a process of its own and writes docs/benchmarks.md."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
TEMPLATE = Path(__file__).with_name("benchmarks.md.template")


def measured(part: str) -> dict[str, Any]:
    """What a part measured in a process of its own, so that its memory is its own."""
    ended = subprocess.run([sys.executable, "-m", f"tests.bench.{part}"], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(ended.stdout.splitlines()[-1])


if __name__ == "__main__":
    text = TEMPLATE.read_text(encoding="utf-8").format(run=measured("run"))
    PAGE.write_text(text, encoding="utf-8")
