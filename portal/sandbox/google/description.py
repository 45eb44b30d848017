"""Google's own descriptions of its APIs: which methods there are, at which addresses, with which parameters and scopes.

https://developers.google.com/discovery/v1/reference/apis
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "discovery"
# Each document by the name and version under which clients ask for it.
DOCUMENTS = {
    ("admin", "directory_v1"): "admin.directory_v1.json",
    ("admin", "reports_v1"): "admin.reports_v1.json",
    ("licensing", "v1"): "licensing_v1.json",
    ("oauth2", "v2"): "oauth2_v2.json",
}
# Listed for some methods, but a token of a user's own for it is another kind of token: nobody here gets one.
CLOUD = "https://www.googleapis.com/auth/cloud-platform"


@dataclass(frozen=True)
class Method:
    """One method. service: the host without its end, for messages. body: name of the schema it takes."""

    id: str
    verb: str
    path: str
    service: str
    parameters: dict[str, dict[str, Any]]
    scopes: list[str]
    body: str | None
    answer: str | None
    document: dict[str, Any] = field(repr=False)


@lru_cache(maxsize=8)
def document(name: str) -> dict[str, Any]:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def methods() -> dict[str, Method]:
    """All methods by a name of their own: the id, and for the two stops the document as well."""
    found: dict[str, Method] = {}
    for (api, version), name in DOCUMENTS.items():
        if api == "oauth2":
            continue
        for method in _of(document(name), document(name), f"{api}.googleapis.com"):
            key = method.id if method.id != "admin.channels.stop" else f"{version}.channels.stop"
            found[key] = method
    return found


def _of(part: dict[str, Any], whole: dict[str, Any], service: str) -> Iterator[Method]:
    for item in part.get("methods", {}).values():
        yield Method(
            item["id"], item["httpMethod"], "/" + whole["servicePath"] + item["path"], service,
            {**whole["parameters"], **item["parameters"]}, [scope for scope in item["scopes"] if scope != CLOUD],
            item.get("request", {}).get("$ref"), item.get("response", {}).get("$ref"), whole,
        )  # fmt: skip
    for inner in part.get("resources", {}).values():
        yield from _of(inner, whole, service)
