"""Addresses that Graph, or this stand-in of it, does not have."""

from typing import NoReturn

from portal.sandbox.graph.calls import blueprint
from portal.sandbox.refusals import malformed

METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE"]


@blueprint.route("/<path:anything>", methods=METHODS)
def unknown(anything: str) -> NoReturn:
    """https://learn.microsoft.com/graph/errors"""
    raise malformed(f"Resource not found for the segment '{anything.split('/')[0]}'.")
