"""Where templates and static files are: inside the package when a wheel was installed, beside it in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_HERE = _PACKAGE if (_PACKAGE / "templates").is_dir() else _PACKAGE.parent
TEMPLATES = _HERE / "templates"
STATIC = _HERE / "static"
