"""A portal with which HR opens, watches and closes each employee's account at a connected application."""

from flask import Flask


def create_app() -> Flask:
    """The portal as a WSGI application. Raises ConfigurationError naming the settings that are missing."""
    from portal import (
        access,
        arrivals,
        assets,
        database,
        errors,
        health,
        logs,
        metrics,
        places,
        presence,
        quotas,
        security,
        templating,
        web,
    )
    from portal.addons.settings_views import blueprint as add_on_settings
    from portal.addons.views import blueprint as addons
    from portal.audit_views import blueprint as audit
    from portal.auth.account_views import blueprint as account
    from portal.auth.link_views import blueprint as links
    from portal.auth.linked_views import blueprint as linked
    from portal.auth.user_views import blueprint as users
    from portal.auth.views import blueprint as auth
    from portal.config import settings
    from portal.controls.views import blueprint as controls
    from portal.day_one.views import blueprint as day_one
    from portal.imports.views import blueprint as imports
    from portal.mail.views import blueprint as mail
    from portal.matching.views import blueprint as matching
    from portal.organisations.views import blueprint as organisations
    from portal.people.succession_views import blueprint as successions
    from portal.people.views import blueprint as people

    # These register verbs, and what follows from an operation's end, by being imported.
    from portal.provisioning import endings, followups, verbs  # noqa: F401
    from portal.provisioning.activity_views import blueprint as provisioning
    from portal.provisioning.disagreement_views import blueprint as disagreements
    from portal.provisioning.erase_views import blueprint as erasing
    from portal.provisioning.field_views import blueprint as fields
    from portal.provisioning.hand_over_views import blueprint as hand_over
    from portal.provisioning.licence_views import blueprint as licences
    from portal.provisioning.link_views import blueprint as linking
    from portal.runs.views import blueprint as runs

    chosen = settings().require_secrets()
    app = Flask("portal", template_folder=str(places.TEMPLATES), static_folder=str(places.STATIC))
    for part in (
        logs,
        database,
        presence,
        arrivals,
        access,
        security,
        web,
        templating,
        assets,
        errors,
        health,
        metrics,
        quotas,
    ):
        part.init_app(app, chosen)
    for blueprint in (
        auth, account, links, linked, users, organisations, people, successions, imports,
        addons, add_on_settings, provisioning, fields, licences, linking, runs,
        matching, mail, audit, erasing, day_one, hand_over, disagreements, controls,
    ):  # fmt: skip
        app.register_blueprint(blueprint)
    access.require_decisions(app)
    return app
