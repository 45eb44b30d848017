"""The menu at the side: its sections and their pages, for the user who is signed in."""

from functools import cache, lru_cache
from typing import Any, NamedTuple

from flask import Flask, current_app, request
from flask_login import current_user

from portal.access import ALLOWED, Action, actions_of
from portal.auth.models import AccessLevel
from portal.languages import gettext as _
from portal.rendering import ground, url_for


class Page(NamedTuple):
    """A page of a section. needs: what its user must be allowed to do beside the section's own action.

    The others name template globals of the room that has the page. waiting: how many wait there for a decision.
    title: what the page is called, where that depends on the organisation. seen: whether the user has any.
    to_do is a word: what those who wait are there for.
    """

    endpoint: str
    words: str
    needs: Action | None = None
    waiting: str = ""
    title: str = ""
    seen: str = ""
    to_do: str = _("to approve")


class Section(NamedTuple):
    """part: what the addresses of its pages begin with. It is shown to a user who may open one of its pages."""

    needs: Action | None
    words: str
    icon: str
    part: str
    pages: tuple[Page, ...]


# Without the plan, their pages say what it would bring.
ADVERTISED = frozenset({Action.MANAGE_ADD_ONS, Action.MANAGE_INTEGRATIONS})
SECTIONS = (
    Section(Action.OVERSEE, _("Home"), "home", "home", (Page("home.show", _("Home")),)),
    Section(
        Action.VIEW_EMPLOYEES, _("People"), "users", "people",
        (
            Page("employee_list.show", _("Employee List")),
            Page("leaving_proposals.show", _("Proposed leavers"), Action.EDIT_EMPLOYEES),
        ),
    ),
    Section(
        Action.TAKE_PART, _("Recruitment"), "briefcase", "recruitment",
        (
            Page("vacancies.show", _("Vacancies"), seen="sees_recruitment"),
            Page("candidates.show", _("Candidates"), seen="sees_recruitment"),
            Page(
                "reading.unassigned", _("Unassigned"), None, "unassigned_count", seen="sees_recruitment",
                to_do=_("to decide"),
            ),
            Page("interviews.own", _("Interviews"), seen="sees_interviews"),
        ),
    ),
    Section(
        Action.VIEW_ACTIVITY, _("Provisioning"), "arrow-path-rounded-square", "provisioning",
        (
            Page("operations.activity", _("Activity")), Page("day_one.show", _("Day one"), Action.PROVISION),
            Page("calendar.show", _("Calendar"), Action.PROVISION),
            Page("runs.run_list", _("Bulk actions"), Action.VIEW_RUNS, "runs_to_approve"),
            Page("matching.show", _("Existing accounts"), Action.OVERSEE),
            Page("clean_up.show", _("Clean-up"), Action.OVERSEE),
            Page("differences.show", "", Action.OVERSEE, title="differences_title"),
        ),
    ),
    Section(
        None, _("Settings"), "cog-6-tooth", "settings",
        (
            Page("organisations.general_settings", _("General Settings"), Action.MANAGE_SETTINGS),
            Page("users.user_list", _("Users"), Action.MANAGE_USERS),
            Page("mail.show", _("Mail"), Action.MANAGE_SETTINGS),
            Page("timeline_settings.show", _("Timelines"), Action.MANAGE_SETTINGS),
            Page("lists.show", _("Departments and locations"), Action.MANAGE_SETTINGS),
            Page("recruitment_settings.show", _("Recruitment"), Action.RECRUIT),
            Page("controls.show", _("Approvals"), Action.MANAGE_SETTINGS, "changes_waiting"),
            Page("audit.show", _("Audit log"), Action.VIEW_AUDIT),
            Page("addons.add_ons", _("Add-ons"), Action.MANAGE_ADD_ONS),
            Page("integrations.show", _("Integrations"), Action.MANAGE_INTEGRATIONS),
        ),
    ),
)  # fmt: skip

# What decides whether a page is there for the user, beside what they may do.
SEEN = frozenset(page.seen for section in SECTIONS for page in section.pages if page.seen)


class PageLink(NamedTuple):
    """here: "page" for the page that is open, "true" for one that it lies below, else empty."""

    words: str
    url: str
    here: str
    waiting: int
    to_do: str


class SectionLink(NamedTuple):
    words: str
    icon: str
    url: str
    is_open: bool
    pages: tuple[PageLink, ...]


def sections() -> tuple[SectionLink, ...]:
    """What the menu shows to the user, where they are now."""
    user = current_user._get_current_object()
    allowed = actions_of(user)
    seen = frozenset(name for name in SEEN if _asked(name)) if Action.TAKE_PART in allowed else frozenset()
    return tuple(_link(section, pages) for section, pages in _shown(user.access_level, allowed, seen))


@cache
def _shown(
    level: str, allowed: frozenset[Action], seen: frozenset[str]
) -> tuple[tuple[Section, tuple[Page, ...]], ...]:
    """The sections, and their pages, of a user of this level who may do this and sees this."""
    open_to = allowed | (ADVERTISED & ALLOWED[AccessLevel(level)])
    found = {
        section: tuple(
            page for page in section.pages
            if (page.needs is None or page.needs in open_to) and (not page.seen or page.seen in seen)
        )
        for section in SECTIONS
        if section.needs is None or section.needs in allowed
    }  # fmt: skip
    return tuple((section, pages) for section, pages in found.items() if pages)


def _link(section: Section, pages: tuple[Page, ...]) -> SectionLink:
    if not request.path.startswith(f"/{section.part}"):
        return _closed(ground(), section, pages[0])
    shown = _pages(pages) if len(pages) > 1 else ()
    return SectionLink(section.words, section.icon, url_for(pages[0].endpoint), True, shown)


@lru_cache(maxsize=1_000)
def _closed(_ground: tuple[str, str, str], section: Section, first: Page) -> SectionLink:
    return SectionLink(section.words, section.icon, url_for(first.endpoint), False, ())


def _pages(pages: tuple[Page, ...]) -> tuple[PageLink, ...]:
    urls = [url_for(page.endpoint) for page in pages]
    here = max((url for url in urls if request.path.startswith(url)), key=len, default="")
    if request.blueprint == "mail":
        here = url_for("mail.show")
    return tuple(
        PageLink(
            page.words or _asked(page.title), url,
            ("page" if request.path == url else "true") if url == here else "",
            _count(page.waiting), page.to_do,
        )
        for page, url in zip(pages, urls, strict=True)
    )  # fmt: skip


def _count(name: str) -> int:
    """How many wait: a room says the number, or which ones."""
    told = _asked(name) if name else 0
    return told if isinstance(told, int) else len(told)


def _asked(name: str) -> Any:
    """What a room above says of itself, by a template global."""
    told: Any = current_app.jinja_env.globals[name]
    return told()


def init_app(app: Flask, settings: Any) -> None:
    app.jinja_env.globals["menu_sections"] = sections
