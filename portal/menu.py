"""The menu at the side: its sections and their pages, for the user who is signed in."""

from functools import cache, lru_cache
from typing import Any, NamedTuple

from flask import Flask, current_app, request
from flask_login import current_user

from portal.access import ALLOWED, Action, actions_of
from portal.auth.models import AccessLevel
from portal.languages import gettext as _
from portal.rendering import Known, ground, url_for


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
            Page("mail.show", _("Email"), Action.MANAGE_SETTINGS),
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
    whose = user.access_level, allowed, seen
    path, here = request.path, ""
    told: tuple[tuple[str, int], ...] = ()
    part = path[1:].partition("/")[0]
    for section, pages in _shown(*whose):
        if section.part == part and len(pages) > 1:
            here, told = _here(_urls(ground(), pages)), tuple([_told(page) for page in pages])
    return _links(ground(), whose, _Where(part, here, path == _path(here), told))


def _here(urls: tuple[str, ...]) -> str:
    """The address of the page that is open, or below which the open one lies."""
    if request.blueprint == "mail":
        return url_for("mail.show")
    return max((url for url in urls if request.path.startswith(_path(url))), key=_path_length, default="")


def _path(url: str) -> str:
    """Without the application that an address may name behind its path."""
    return url.partition("?")[0]


def _path_length(url: str) -> int:
    return len(_path(url))


def _told(page: Page) -> tuple[str, int]:
    """What depends on the organisation: what the page is called, where it says so, and how many wait there."""
    return _asked(page.title) if page.title else page.words, _count(page.waiting)


@lru_cache(maxsize=1_000)
def _urls(_ground: tuple[str, str, str], pages: tuple[Page, ...]) -> tuple[str, ...]:
    return tuple(url_for(page.endpoint) for page in pages)


class _Where(NamedTuple):
    """Where in the menu the user is. part: of the open section. here: the address of the open page of it, or of the one
    above, which `is_page` tells apart. told: of each page of the section, what it is called and how many wait there.
    """

    part: str
    here: str
    is_page: bool
    told: tuple[tuple[str, int], ...]


@lru_cache(maxsize=1_000)
def _links(
    there: tuple[str, str, str], whose: tuple[str, frozenset[Action], frozenset[str]], where: _Where
) -> tuple[SectionLink, ...]:
    return Known.of(_link(there, section, pages, where) for section, pages in _shown(*whose))


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


def _link(there: tuple[str, str, str], section: Section, pages: tuple[Page, ...], where: _Where) -> SectionLink:
    urls, is_open = _urls(there, pages), section.part == where.part
    links: tuple[PageLink, ...] = ()
    if is_open and len(pages) > 1:
        here = "page" if where.is_page else "true"
        links = tuple(
            PageLink(words, url, here if url == where.here else "", waiting, page.to_do)
            for page, url, (words, waiting) in zip(pages, urls, where.told, strict=True)
        )
    return SectionLink(section.words, section.icon, urls[0], is_open, links)


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
