"""On which headers of a request an answer depends: browsers and proxies that keep answers ask for it."""

from werkzeug.wrappers import Response


def vary_by(response: Response, header: str) -> None:
    """Say that the answer depends on this header. Werkzeug's own takes the whole header apart for that."""
    given = response.headers.get("Vary", "")
    if header.lower() not in given.lower().split(", "):
        response.headers["Vary"] = f"{given}, {header}" if given else header
