"""The menu at the side: its sections and their pages, for the user who is signed in."""

from typing import Any, NamedTuple

from flask import Flask, current_app, request

from portal.access import Action, may
from portal.rendering import url_for


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
    to_do: str = "to approve"


class Section(NamedTuple):
    """part: what the addresses of its pages begin with."""

    needs: Action
    words: str
    icon: str
    part: str
    pages: tuple[Page, ...]


SECTIONS = (
    Section(Action.PROVISION, "Home", "home", "home", (Page("home.show", "Home"),)),
    Section(Action.VIEW_EMPLOYEES, "People", "users", "people", (Page("employee_list.show", "Employee List"),)),
    Section(
        Action.TAKE_PART, "Recruitment", "briefcase", "recruitment",
        (
            Page("vacancies.show", "Vacancies", seen="sees_recruitment"),
            Page("candidates.show", "Candidates", seen="sees_recruitment"),
            Page(
                "reading.unassigned", "Unassigned", None, "unassigned_count", seen="sees_recruitment",
                to_do="to decide",
            ),
            Page("interviews.own", "Interviews", seen="sees_interviews"),
        ),
    ),
    Section(
        Action.VIEW_ACTIVITY, "Provisioning", "arrow-path-rounded-square", "provisioning",
        (
            Page("operations.activity", "Activity"), Page("day_one.show", "Day one", Action.PROVISION),
            Page("calendar.show", "Calendar", Action.PROVISION),
            Page("runs.run_list", "Bulk actions", Action.PROVISION, "runs_to_approve"),
            Page("matching.show", "Existing accounts", Action.PROVISION),
            Page("clean_up.show", "Clean-up", Action.PROVISION),
            Page("differences.show", "", Action.PROVISION, title="differences_title"),
        ),
    ),
    Section(
        Action.MANAGE_SETTINGS, "Settings", "cog-6-tooth", "settings",
        (
            Page("organisations.general_settings", "General Settings"), Page("users.user_list", "Users"),
            Page("mail.show", "Mail"), Page("timeline_settings.show", "Timelines"),
            Page("lists.show", "Departments and locations"),
            Page("recruitment_settings.show", "Recruitment", Action.RECRUIT),
            Page("controls.show", "Approvals", None, "changes_waiting"), Page("audit.show", "Audit log"),
            Page("addons.add_ons", "Add-ons"), Page("integrations.show", "Integrations"),
        ),
    ),
)  # fmt: skip


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
    return tuple(_link(section) for section in SECTIONS if _has(section))


def _has(section: Section) -> bool:
    return may(section.needs) and any(_is_seen(page) for page in section.pages)


def _is_seen(page: Page) -> bool:
    return not page.seen or bool(_asked(page.seen))


def _link(section: Section) -> SectionLink:
    is_open = request.path.startswith(f"/{section.part}")
    pages = tuple(page for page in section.pages if _is_seen(page))
    shown = _pages(pages) if is_open and len(pages) > 1 else ()
    return SectionLink(section.words, section.icon, url_for(pages[0].endpoint), is_open, shown)


def _pages(pages: tuple[Page, ...]) -> tuple[PageLink, ...]:
    urls = [url_for(page.endpoint) for page in pages]
    here = max((url for url in urls if request.path.startswith(url)), key=len, default="")
    if request.blueprint == "mail":
        here = url_for("mail.show")
    return tuple(
        PageLink(
            page.words or _asked(page.title), url,
            ("page" if request.path == url else "true") if url == here else "",
            _asked(page.waiting) if page.waiting else 0, page.to_do,
        )
        for page, url in zip(pages, urls, strict=True) if page.needs is None or may(page.needs)
    )  # fmt: skip


def _asked(name: str) -> Any:
    """What a room above says of itself, by a template global."""
    told: Any = current_app.jinja_env.globals[name]
    return told()


def init_app(app: Flask, settings: Any) -> None:
    app.jinja_env.globals["menu_sections"] = sections
