"""The people of the tests, and how they use the portal: by visible labels, like anybody else."""

import re
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from portal.accounts.models import Account
from portal.auth import actions as auth_actions
from portal.auth.models import AccessLevel, User
from portal.connections.models import Connection
from portal.organisations.models import Organisation
from portal.people.models import Employee
from portal.sign_in import views as sign_in
from tests import page_checks, pages
from tests.pages import Page, form_values, words

PASSWORD = "a long enough password"
# Answers of this process that were checked.
FOUND_GOOD: set[int] = set()
CSRF_TOKEN = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')


def _name_of(file: Any) -> str:
    """What a file is called that was given no name: as what is in it."""
    return getattr(file, "name", None) or ("upload.xlsx" if file.getvalue()[:2] == b"PK" else "upload.csv")


class Person:
    """A person at a browser. `htmx` chooses whether forms answer in place or with whole pages."""

    def __init__(self, app: Any, user: User | None = None, *, htmx: bool = True):
        self.app, self.user, self.htmx = app, user, htmx
        self.client = app.test_client()
        # What they brought back from signing in.
        self.cookies: dict[str, str] = {}
        self._page: Page | None = Page("/", 0, "", {})
        self._next = "/"

    @property
    def page(self) -> Page:
        """The page they see. A person who has just signed in opens the first one when the test looks."""
        if self._page is None:
            self.get(self._next)
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
            self.cookies[name] = value
            self.client.set_cookie(name, value)
        self._page = None

    def turn_to(self, url: str) -> None:
        """See that page next, which is opened when the test looks."""
        self._page, self._next = None, url

    def sign_in(self, email: str | None = None, password: str = PASSWORD) -> Page:
        self.get("/login")
        return self.press("Sign in", {"Email": email or (self.user.email if self.user else ""), "Password": password})

    def get(self, url: str, *, fragment: bool = False, **options: Any) -> Page:
        return self._send("GET", url, fragment=fragment, **options)

    def post(self, url: str, data: Any = None, *, fragment: bool = False, **options: Any) -> Page:
        """A bare POST, as an attacker or a second tab would send it; the token is taken from the last page.

        data: fields; or the body as it is, with its token.
        """
        token = self.page.csrf_token
        values = {} if token is None else {"csrf_token": token}
        sent = data if isinstance(data, bytes) else {**values, **(data or {})}
        return self._send("POST", url, data=sent, fragment=fragment, **options)

    def press(self, label: str, fields: dict[str, Any] | None = None, *, within: str | None = None) -> Page:
        """Fill the form that the button with this label belongs to, and press it. A link is followed.

        A fragment that comes back takes its place in the page, as in a browser.
        """
        scope = self.page.first(within) if within else self.page.tree
        assert scope is not None, f"{within} is not in the page"
        button = next((tag for tag in pages.buttons(scope) if pages.label_of(tag) == label), None)
        assert button is not None, f"no button {label!r} in: {words(scope)[:2000]}"
        off = "disabled" in button.attrib or button.get("aria-disabled") == "true"
        assert not off, f"{label!r} cannot be pressed"
        if button.tag == "a":
            return self._follow(button, button.get("href"))
        around = next(button.iterancestors("form"), None)
        form = pages.by_id(button, button.get("form")) if around is None else around
        assert form is not None, f"{label!r} is in no form"
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

    def _filled(self, form: HtmlElement, button: HtmlElement, fields: dict[str, Any]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, value in form_values(form, button):
            values.setdefault(name, []).append(value)
        for label, value in fields.items():
            elsewhere = [tag for tag in pages.fields_of(form) if tag.get("aria-label") == label]
            control = elsewhere[0] if elsewhere else pages.control(form, label)
            name = control.get("name")
            if control.get("type") == "radio" and isinstance(value, bool):
                mine = control.get("value")
                values[name] = mine if value else [other for other in values.get(name, []) if other != mine]
            elif control.get("type") == "checkbox":
                mine = control.get("value", "on")
                others = [other for other in values.pop(name, []) if other != mine]
                if others or value:
                    values[name] = [*others, mine] if value else others
            else:
                file = hasattr(value, "read")
                values[name] = (value, _name_of(value)) if file else value
        return values

    def _follow(self, link: HtmlElement, href: str) -> Page:
        if self.htmx and link.get("hx-get"):
            return self._send("GET", urljoin(self.page.url, link.get("hx-get")), fragment=True, target=link)
        return self.get(urljoin(self.page.url, href))

    def _send(
        self, method: str, url: str, *, fragment: bool, target: HtmlElement | None = None, **options: Any
    ) -> Page:
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

    def _arrive(self, answer: Page, target: HtmlElement | None) -> Page:
        if answer.headers.get("Content-Type", "").startswith("text/html") and answer.html:
            whole = "<html" in answer.html
            if (alike := _alike(answer)) not in FOUND_GOOD:
                routes = self.app.create_url_adapter(None) or self.app.url_map.bind("localhost")
                found = page_checks.problems(
                    answer.tree, path=answer.url, whole_page=whole, routes=routes, headers=answer.headers
                )
                assert not found, f"{answer.url}: {found}"
                FOUND_GOOD.add(alike)
            if not whole:
                return self._swapped(answer, target)
            self.page = answer
        return answer

    def _swapped(self, answer: Page, target: HtmlElement | None) -> Page:
        """Put the fragment where htmx would; the page's own checks then hold for the whole again."""
        place = answer.headers.get("HX-Retarget") or (target.get("hx-target") if target is not None else None)
        spot = self.page.first(str(place)) if place and str(place).startswith("#") else None
        if spot is not None:
            # Read once more: the answer keeps a tree of its own.
            fresh = pages.tree_of(answer.html)
            how = answer.headers.get("HX-Reswap", target.get("hx-swap", "") if target is not None else "")
            inside = how.startswith("innerHTML") or (not how and spot.get("id") != _root_id(fresh))
            pages.put(spot, fresh, inside=inside)
            url = answer.headers.get("HX-Push-Url") or self.page.url
            self.page = Page(url, answer.status, "", self.page.headers, tree=self.page.tree)
        return answer


def _alike(answer: Page) -> int:
    """The same number for answers that differ in nothing that is checked: many tests open the same pages."""
    token, request_id = CSRF_TOKEN.search(answer.html), answer.headers.get("X-Request-Id", "")
    html = answer.html.replace(token[1], "") if token else answer.html
    return hash(
        (urlsplit(answer.url).path, answer.headers.get("Content-Security-Policy"), html.replace(request_id, ""))
    )


def _root_id(fragment: HtmlElement) -> str | None:
    root = next((tag for tag in fragment if isinstance(tag.tag, str)), None)
    return None if root is None else root.get("id")


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
