"""What each subject brings to the portal, by the names of its modules. A new subject adds its lines here.

Nothing is imported before it is needed: the web server needs the pages, the worker the jobs.
"""

from importlib import import_module
from types import ModuleType

from flask import Blueprint, Flask

# Each has a `blueprint`.
PAGES = (
    "sign_in.views", "sign_in.account_views", "sign_in.link_views", "sign_in.user_views", "sign_in.linked_views",
    "sign_in.group_views", "sign_in.way_views",
    "organisation_settings.views", "organisation_settings.list_views",
    "organisation_settings.mail_views", "organisation_settings.timeline_views",
    "controls.views", "api_tokens.views", "scim.views", "scim.client_views", "user_scim.views",
    "feeds.views", "feeds.run_views", "webhooks.views", "notifications.views", "siem.views", "audit_views",
    "api.employee_views", "api.account_views", "api.record_views", "api_bulk.run_views",
    "api_bulk.disagreement_views", "api.document_views",
    "home.views",
    "employee_list.views", "employee_list.profile_views", "employee_list.photo_views",
    "reporting_lines.views", "imports.views", "incoming.views",
    "erasure.views", "mailboxes.views", "reading.views",
    "addons.views", "addons.settings_views", "addons.licence_views", "addons.group_views",
    "account_page.views", "account_page.first_day_views", "account_page.licence_views", "account_page.link_views",
    "account_page.moved_views", "account_page.rename_views", "leaving_page.views",
    "group_cards.views", "deleting.views", "hand_over.views",
    "timeline_pages.views", "operations.views", "run_pages.views", "matching.views", "clean_up.views", "day_one.views",
    "calendar_page.views", "moves.views",
    "recruitment_pages.views", "recruitment_pages.board_views", "recruitment_pages.setup_views",
    "recruitment_pages.candidate_views", "recruitment_pages.hire_views", "recruitment_pages.settings_views",
    "interview_pages.views", "interview_pages.plan_views",
    "recruitment_pages.file_views", "recruitment_pages.merge_views",
    "recruitment_pages.text_views", "recruitment_pages.erasing_views",
    "message_pages.views",
    "careers.views", "careers.own_views",
    "sync.views", "sync.field_views", "sync.difference_views", "demo.views",
)  # fmt: skip
# Importing one registers verbs, what follows from the end of an operation, or who plans a bulk action.
VERBS = (
    "provisioning.verbs", "renaming.verbs", "portraits.verbs", "group_rules.verbs", "leaving.verbs", "deleting.verbs",
    "webhooks.outbox", "notifications.urgent", "provisioning.endings", "leaving.endings", "provisioning.followups",
    "timelines.steps", "joining.mails", "moves.steps", "renaming.on_a_day", "timelines.moving",
    "interviews.happenings", "interviews.bringing", "interviews.answers",
    "messages.sending", "messages.mailbox_ends", "matching.planning",
)  # fmt: skip
# Importing one makes its tasks known to the queue.
JOBS = (
    "operations.jobs", "hand_over.jobs", "notices.jobs", "timelines.jobs", "joining.jobs", "sync.jobs", "runs.jobs",
    "matching.jobs", "clean_up.jobs", "imports.jobs", "leaving.jobs",
    "people.address_jobs", "reporting_lines.jobs", "auth.jobs", "user_sources.jobs", "controls.jobs", "api_tokens.jobs",
    "webhooks.jobs",
    "siem.jobs", "notifications.jobs", "feeds.jobs",
    "api.jobs", "scim.jobs", "audit_jobs", "operating.retention", "candidate_care.jobs", "mailboxes.jobs",
    "messages.jobs", "reading.jobs", "interviews.jobs",
)  # fmt: skip


def register(app: Flask) -> None:
    """Give the application every subject's pages, and the engine every verb."""
    for module in _modules(VERBS + PAGES):
        blueprint = getattr(module, "blueprint", None)
        if isinstance(blueprint, Blueprint):
            app.register_blueprint(blueprint)


def register_jobs() -> None:
    """Make every subject's tasks known to the queue."""
    _modules(VERBS + JOBS)


def _modules(names: tuple[str, ...]) -> list[ModuleType]:
    return [import_module(f"portal.{name}") for name in names]
