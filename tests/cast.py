"""The people of the tests, and how they use the portal: by visible labels, like anybody else."""

import csv
import io
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag

from portal.accounts.models import Account
from portal.auth import actions as auth_actions
from portal.auth.models import AccessLevel, User
from portal.connections.models import Connection
from portal.organisations.models import Organisation
from portal.people.models import Employee
from portal.sign_in import views as sign_in
from tests import page_checks

PASSWORD = "a long enough password"
CSRF_TOKEN = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')


def words(tag: Tag | BeautifulSoup) -> str:
    return re.sub(r"\s+", " ", tag.get_text(" ", strip=True))


@dataclass
class Page:
    """An answer of the portal."""

    url: str
    status: int
    html: str
    headers: Any

    @cached_property
    def soup(self) -> BeautifulSoup:
        return BeautifulSoup(self.html, "html.parser")

    @property
    def text(self) -> str:
        return words(self.soup)

    @property
    def title(self) -> str:
        return words(self.soup.h1) if self.soup.h1 else ""

    @property
    def lines(self) -> list[list[str]]:
        """The lines of a CSV file that was downloaded. Excel reads UTF-8 only behind a byte order mark."""
        assert self.html.startswith("\ufeff")
        return list(csv.reader(io.StringIO(self.html[1:])))

    @property
    def rows(self) -> list[dict[str, str]]:
        """The same by the names in the first line."""
        names, *rest = self.lines
        return [dict(zip(names, line, strict=True)) for line in rest]

    def alerts(self) -> list[str]:
        return [words(tag) for tag in self.soup.select("[role=alert], [role=status]") if words(tag)]

    def has_button(self, label: str) -> bool:
        return any(_label_of(tag) == label for tag in _buttons(self.soup))

    def field(self, label: str) -> Tag:
        """The input with this visible label."""
        return _control(self.soup, label)

    def value(self, label: str) -> str:
        control = self.field(label)
        if control.name == "select":
            chosen = control.find("option", selected=True) or control.find("option")
            return str(chosen.get("value", words(chosen))) if chosen else ""
        return words(control) if control.name == "textarea" else str(control.get("value", ""))


def _buttons(scope: Tag | BeautifulSoup) -> list[Tag]:
    return [tag for tag in scope.find_all(True) if tag.name in ("button", "a") or tag.get("role") == "switch"]


def _label_of(tag: Tag) -> str:
    # A switch is known by what everybody sees beside it; screen readers are told more.
    named_by = f"{tag.get('id')}-label" if tag.get("role") == "switch" else tag.get("aria-labelledby")
    if named_by:
        label = list(tag.parents)[-1].find(id=named_by)
        return words(label) if isinstance(label, Tag) else ""
    return str(tag.get("aria-label") or words(tag))


def _control(soup: Tag | BeautifulSoup, label: str) -> Tag:
    for tag in soup.find_all("label"):
        text = re.sub(r"\s*\*$|\s*\(optional\)$", "", words(tag))
        if text == label or text.startswith(label + " "):
            control = soup.find(id=tag.get("for")) if tag.get("for") else tag.find(["input", "select", "textarea"])
            if isinstance(control, Tag):
                return control
    control = soup.find(["input", "select", "textarea"], attrs={"aria-label": label})
    assert isinstance(control, Tag), f"no field {label!r} in: {words(soup)[:2000]}"
    return control


def form_values(form: Tag, button: Tag | None = None) -> list[tuple[str, str]]:
    """What a browser would send for the form as it is."""
    values = []
    for control in _controls_of(form):
        name, kind = control.get("name"), control.get("type")
        if not name or control.has_attr("disabled") or kind in ("submit", "button", "file"):
            continue
        if kind in ("checkbox", "radio"):
            if control.has_attr("checked"):
                values.append((name, control.get("value", "on")))
        elif control.name == "select":
            chosen = control.find_all("option", selected=True)
            if not chosen and not control.has_attr("multiple"):
                chosen = control.find_all("option")[:1]
            values += [(name, str(option.get("value", words(option)))) for option in chosen]
        else:
            values.append((name, control.get_text() if control.name == "textarea" else str(control.get("value", ""))))
    if button is not None and button.get("name"):
        values.append((str(button["name"]), str(button.get("value", ""))))
    return values


def _controls_of(form: Tag) -> list[Tag]:
    """The form's fields, also those elsewhere in the page that say they belong to it."""
    kinds = ["input", "select", "textarea"]
    inside = [tag for tag in form.find_all(kinds) if tag.get("form") in (None, form.get("id"))]
    if not form.get("id"):
        return inside
    page = list(form.parents)[-1]
    return inside + [tag for tag in page.find_all(kinds, form=form["id"]) if form not in tag.parents]


def _name_of(file: Any) -> str:
    """What a file is called that was given no name: as what is in it."""
    return getattr(file, "name", None) or ("upload.xlsx" if file.getvalue()[:2] == b"PK" else "upload.csv")


class Person:
    """A person at a browser. `htmx` chooses whether forms answer in place or with whole pages."""

    def __init__(self, app: Any, user: User | None = None, *, htmx: bool = True):
        self.app, self.user, self.htmx = app, user, htmx
        self.client = app.test_client()
        self._page: Page | None = Page("/", 0, "", {})

    @property
    def page(self) -> Page:
        """The page they see. A person who has just signed in opens the first one when the test looks."""
        if self._page is None:
            self.get("/")
        assert self._page is not None
        return self._page

    @page.setter
    def page(self, page: Page) -> None:
        self._page = page

    def come_in(self) -> None:
        """Be somebody whose password was right: form, password and pages on the way are for the tests of signing in."""
        assert self.user is not None
        agent = self.client.environ_base["HTTP_USER_AGENT"]
        with self.app.test_request_context("/login", headers={"User-Agent": agent}):
            self.app.preprocess_request()
            answer = self.app.process_response(
                self.app.make_response(sign_in.first_factor_given(User.get_by_id(self.user.id), "password", ""))
            )
        for cookie in answer.headers.getlist("Set-Cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.client.set_cookie(name, value)
        self._page = None

    def sign_in(self, email: str | None = None, password: str = PASSWORD) -> Page:
        self.get("/login")
        return self.press("Sign in", {"Email": email or (self.user.email if self.user else ""), "Password": password})

    def get(self, url: str, *, fragment: bool = False, **options: Any) -> Page:
        return self._send("GET", url, fragment=fragment, **options)

    def post(self, url: str, data: Any = None, *, fragment: bool = False, **options: Any) -> Page:
        """A bare POST, as an attacker or a second tab would send it; the token is taken from the last page.

        data: fields; or the body as it is, with its token.
        """
        token = self.page.soup.find("input", attrs={"name": "csrf_token"})
        values = {"csrf_token": str(token["value"])} if isinstance(token, Tag) else {}
        sent = data if isinstance(data, bytes) else {**values, **(data or {})}
        return self._send("POST", url, data=sent, fragment=fragment, **options)

    def press(self, label: str, fields: dict[str, Any] | None = None, *, within: str | None = None) -> Page:
        """Fill the form that the button with this label belongs to, and press it. A link is followed.

        A fragment that comes back takes its place in the page, as in a browser.
        """
        scope = self.page.soup.select_one(within) if within else self.page.soup
        assert scope is not None, f"{within} is not in the page"
        button = next((tag for tag in _buttons(scope) if _label_of(tag) == label), None)
        assert button is not None, f"no button {label!r} in: {words(scope)[:2000]}"
        off = button.has_attr("disabled") or button.get("aria-disabled") == "true"
        assert not off, f"{label!r} cannot be pressed"
        if button.name == "a":
            return self._follow(button, str(button["href"]))
        form = button.find_parent("form") or self.page.soup.find("form", id=button.get("form"))
        assert isinstance(form, Tag), f"{label!r} is in no form"
        values = self._filled(form, button, fields or {})
        action = urljoin(self.page.url, str(button.get("formaction") or form.get("action") or self.page.url))
        verb = str(button.get("formmethod") or form.get("method", "get")).upper()
        source = next((tag for tag in (button, form) if tag.get("hx-post") or tag.get("hx-get")), None)
        fragment = self.htmx and source is not None
        if fragment and source is not None:
            verb = "POST" if source.get("hx-post") else "GET"
            action = urljoin(self.page.url, str(source.get("hx-post") or source.get("hx-get")))
        options = {"data": values} if verb == "POST" else {"query_string": values}
        if any(hasattr(value, "read") for value in (fields or {}).values()):
            options["content_type"] = "multipart/form-data"
        return self._send(verb, action, fragment=fragment, target=source, **options)

    def _filled(self, form: Tag, button: Tag, fields: dict[str, Any]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, value in form_values(form, button):
            values.setdefault(name, []).append(value)
        for label, value in fields.items():
            elsewhere = [tag for tag in _controls_of(form) if tag.get("aria-label") == label]
            control = elsewhere[0] if elsewhere else _control(form, label)
            name = str(control["name"])
            if control.get("type") == "radio" and isinstance(value, bool):
                mine = str(control["value"])
                values[name] = mine if value else [other for other in values.get(name, []) if other != mine]
            elif control.get("type") == "checkbox":
                mine = str(control.get("value", "on"))
                others = [other for other in values.pop(name, []) if other != mine]
                if others or value:
                    values[name] = [*others, mine] if value else others
            else:
                file = hasattr(value, "read")
                values[name] = (value, _name_of(value)) if file else value
        return values

    def _follow(self, link: Tag, href: str) -> Page:
        if self.htmx and link.get("hx-get"):
            return self._send("GET", urljoin(self.page.url, str(link["hx-get"])), fragment=True, target=link)
        return self.get(urljoin(self.page.url, href))

    def _send(self, method: str, url: str, *, fragment: bool, target: Tag | None = None, **options: Any) -> Page:
        headers = dict(options.pop("headers", {}))
        if fragment:
            headers.update({"HX-Request": "true", "HX-Current-URL": self.page.url})
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query and "query_string" not in options else "")
        response = self.client.open(path, method=method, headers=headers, **options)
        if response.status_code == 308:
            return self._send(method, response.headers["Location"], fragment=fragment, target=target, **options)
        if response.status_code in (301, 302, 303, 307):
            place = response.headers["Location"]
            if urlsplit(place).netloc not in ("", "localhost"):
                self.page = Page(place, response.status_code, "", response.headers)
                return self.page
            return self._send("GET", urljoin(path, place), fragment=False)
        if "HX-Redirect" in response.headers:
            return self._send("GET", response.headers["HX-Redirect"], fragment=False)
        return self._arrive(Page(path, response.status_code, response.get_data(as_text=True), response.headers), target)

    def _arrive(self, answer: Page, target: Tag | None) -> Page:
        if answer.headers.get("Content-Type", "").startswith("text/html") and answer.html:
            whole = "<html" in answer.html
            routes = self.app.create_url_adapter(None) or self.app.url_map.bind("localhost")
            found = page_checks.problems(
                answer.soup, path=answer.url, whole_page=whole, routes=routes, headers=answer.headers
            )
            assert not found, f"{answer.url}: {found}"
            if not whole:
                return self._swapped(answer, target)
            self.page = answer
        return answer

    def _swapped(self, answer: Page, target: Tag | None) -> Page:
        """Put the fragment where htmx would; the page's own checks then hold for the whole again."""
        place = answer.headers.get("HX-Retarget") or (target.get("hx-target") if target is not None else None)
        spot = self.page.soup.select_one(str(place)) if place and str(place).startswith("#") else None
        if spot is not None:
            fresh = BeautifulSoup(answer.html, "html.parser")
            inner = answer.headers.get("HX-Reswap", target.get("hx-swap", "") if target is not None else "")
            if str(inner).startswith("innerHTML") or (not inner and spot.get("id") != _root_id(fresh)):
                spot.clear()
                spot.append(fresh)
            else:
                spot.replace_with(fresh)
            url = answer.headers.get("HX-Push-Url") or self.page.url
            changed = self.page.soup
            self.page = Page(url, answer.status, str(changed), self.page.headers)
            # What the tree says is what was written: to read it once more would cost as much as the first time.
            self.page.__dict__["soup"] = changed
        return answer


def _root_id(soup: BeautifulSoup) -> str | None:
    root = soup.find(True)
    return str(root.get("id")) if isinstance(root, Tag) else None


def account_of(employee: Employee) -> Account | None:
    """The employee's account at the application that was connected first."""
    return next(iter(Account.all_live_of(employee)), None)


def connection_of(organisation: Organisation) -> Connection | None:
    """What the organisation is connected to, first."""
    return next(iter(Connection.all_live_of(organisation)), None)


class Cast:
    """Makes organisations, employees and people who are signed in."""

    def __init__(self, app: Any):
        self.app = app
        self.numbers = iter(range(1, 1_000_000))

    def organisation(self, name: str, plan: str = "Platinum", **values: Any) -> Organisation:
        found = Organisation.get_or_none(Organisation.name == name)
        return found or Organisation.create(name=name, plan=plan, **values)

    def employee(
        self, organisation: Organisation, first_name: str = "Wei", last_name: str = "Zhang", **values: Any
    ) -> Employee:
        defaults = {"employee_number": f"E{next(self.numbers):05}", "country": "GB", "department": "Sales"}
        defaults["personal_email"] = f"person{next(self.numbers)}@home.example"
        return Employee.create(
            organisation=organisation, first_name=first_name, last_name=last_name, **{**defaults, **values}
        )

    def user(self, organisation: Organisation, name: str, level: AccessLevel, employee: Employee | None = None) -> User:
        email = f"{name.casefold()}@{organisation.name.casefold()}.example"
        user = auth_actions.create_user(organisation, email, PASSWORD, level)
        user.name, user.employee = name, employee
        user.save()
        return user

    def person(
        self, organisation: Organisation, name: str, level: AccessLevel, employee: Employee | None = None
    ) -> Person:
        person = Person(self.app, self.user(organisation, name, level, employee))
        person.come_in()
        return person
