"""A portal with which HR opens, watches and closes each employee's account at a connected application."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def create_app() -> "Flask":
    """The portal as a WSGI application. Raises ConfigurationError naming the settings that are missing."""
    from portal import (
        access,
        arrivals,
        assets,
        database,
        errors,
        logs,
        menu,
        places,
        presence,
        quotas,
        rendering,
        security,
        subjects,
        templating,
        web,
    )
    from portal.config import settings
    from portal.languages import of_reader
    from portal.operating import health, metrics

    chosen = settings().require_secrets()
    app = web.Portal("portal", template_folder=str(places.TEMPLATES), static_folder=str(places.STATIC))
    for part in (
        logs,
        database,
        presence,
        arrivals,
        access,
        security,
        web,
        of_reader,
        templating,
        rendering,
        menu,
        assets,
        errors,
        health,
        metrics,
        quotas,
    ):
        part.init_app(app, chosen)
    subjects.register(app)
    access.require_decisions(app)
    return app
