"""What must hold for every HTML answer of every test."""

import re
from collections import Counter, defaultdict

from lxml.html import HtmlElement
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from portal.typed import secret_names
from tests import wording
from tests.pages import first, words

HX_VERBS = {"hx-get": "GET", "hx-post": "POST", "hx-put": "PUT", "hx-patch": "PATCH", "hx-delete": "DELETE"}
HANDLER = re.compile(r"on[a-z]+$|hx-on")
SPECIAL_TARGETS = ("this", "closest ", "find ", "next", "previous", "body")


def problems(tree: HtmlElement, *, path: str, whole_page: bool, routes, headers) -> list[str]:
    """Everything that is wrong with a page or a fragment, as sentences. routes: the application's url adapter."""
    tags = _Tags(tree)
    found = [*_ids(tags), *_labels(tags), *_forms(tags), *_secrets(tags), *_no_inline_code(tags)]
    found += _hx(tree, tags, whole_page, routes)
    found += wording.on_page(tree, path)
    if whole_page:
        found += _frame(tags)
    policy = headers.get("Content-Security-Policy", "")
    if not policy or "unsafe" in policy:
        found.append(f"the content security policy is missing or has exceptions: {policy!r}")
    return found


class _Tags:
    """All tags in their order, looked up once: every page of every test comes here."""

    def __init__(self, tree: HtmlElement):
        # A comment's tag is a function.
        self.all: list[HtmlElement] = [tag for tag in tree.iter() if isinstance(tag.tag, str)]
        self.by_name: dict[str, list[HtmlElement]] = defaultdict(list)
        for tag in self.all:
            self.by_name[tag.tag].append(tag)
        # Each once: a page has a thousand of them, and nearly all are alike.
        self.attributes = {name for tag in self.all for name in tag.keys()}  # noqa: SIM118
        self.values = {value for tag in self.all for value in tag.values()}
        self.ids = Counter(tag.get("id") for tag in self.all if "id" in tag.attrib)

    def named(self, *names: str) -> list[HtmlElement]:
        return [tag for name in names for tag in self.by_name[name]]


def _secrets(tags: _Tags) -> list[str]:
    """A field that the portal does not know as secret would be repeated when its form has expired."""
    fields = tags.named("input")
    secret = [tag for tag in fields if tag.get("type") == "password" or tag.get("autocomplete") == "one-time-code"]
    return [
        f"{name!r} is no PasswordField or CodeField"
        for name in {str(tag.get("name")) for tag in secret} - secret_names()
    ]


def _frame(tags: _Tags) -> list[str]:
    found = []
    if len(tags.named("h1")) != 1:
        found.append(f"{len(tags.named('h1'))} h1 headings")
    if not any(words(tag) for tag in tags.named("title")):
        found.append("no title")
    if not any(tag.get("lang") for tag in tags.named("html")):
        found.append("no language")
    if not any(tag.get("name") == "viewport" for tag in tags.named("meta")):
        found.append("no viewport")
    return found


def _ids(tags: _Tags) -> list[str]:
    return [f"id {name!r} is there twice" for name, count in tags.ids.items() if count > 1]


def _labels(tags: _Tags) -> list[str]:
    found, labelled = [], {tag.get("for") for tag in tags.named("label")}
    for control in tags.named("input", "select", "textarea"):
        if control.get("type") in ("hidden", "submit"):
            continue
        named = (
            control.get("aria-label")
            or control.get("aria-labelledby")
            or next(control.iterancestors("label"), None) is not None
        )
        if not named and (control.get("id") or "none") not in labelled:
            found.append(f"{control.get('name')!r} has no label")
    for button in tags.named("button", "a"):
        if not button.get("aria-label") and not words(button):
            found.append(f"a {button.tag} has no words: {dict(button.attrib)}")
    return found


def _forms(tags: _Tags) -> list[str]:
    found = []
    for form in tags.named("form"):
        posts = form.get("method", "get").lower() == "post"
        if posts and not any(tag.get("name") == "csrf_token" for tag in form.iter("input")):
            found.append(f"the form to {form.get('action')!r} has no token")
        if form.get("hx-post") and not posts:
            found.append(f"the form to {form.get('hx-post')!r} does not work without JavaScript")
    return found


def _no_inline_code(tags: _Tags) -> list[str]:
    found = ["inline style element" for _ in tags.named("style")]
    # A block of data is no script: the policy lets none run, and no browser asks it about data.
    scripts = [tag for tag in tags.named("script") if tag.get("type") != "application/ld+json"]
    found += ["inline script" for tag in scripts if not tag.get("src")]
    found += [f"inline {name}" for name in tags.attributes if name == "style" or HANDLER.match(name)]
    found += [f"{value!r} runs code" for value in tags.values if value.startswith(("js:", "javascript:"))]
    return found


def _hx(tree: HtmlElement, tags: _Tags, whole_page: bool, routes) -> list[str]:
    found = []
    for attribute in HX_VERBS.keys() & tags.attributes:
        for url in {tag.get(attribute) for tag in tags.all}:
            if url and not _resolves(url, HX_VERBS[attribute], routes):
                found.append(f"{attribute}={url!r} leads nowhere")
    if whole_page and "hx-target" in tags.attributes:
        for target in {tag.get("hx-target") for tag in tags.all}:
            if target and not _is_there(tree, tags, target):
                found.append(f"hx-target {target!r} is not in the page")
    return found


def _resolves(url: str, method: str, routes) -> bool:
    try:
        routes.match(url.split("?")[0].split("#")[0] or "/", method=method)
    except MethodNotAllowed:
        return False
    except HTTPException as error:
        return error.code is not None and error.code < 400
    return True


def _is_there(tree: HtmlElement, tags: _Tags, target: str) -> bool:
    if target.startswith(SPECIAL_TARGETS) or (target.startswith("#") and target[1:] in tags.ids):
        return True
    return first(tree, target) is not None
