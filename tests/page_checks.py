"""What must hold for every HTML answer of every test."""

import re

from bs4 import BeautifulSoup, Tag
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from portal.typed import secret_names

HX_VERBS = {"hx-get": "GET", "hx-post": "POST", "hx-put": "PUT", "hx-patch": "PATCH", "hx-delete": "DELETE"}
SPECIAL_TARGETS = ("this", "closest ", "find ", "next", "previous", "body")


def problems(soup: BeautifulSoup, *, whole_page: bool, routes, headers) -> list[str]:
    """Everything that is wrong with a page or a fragment, as sentences. routes: the application's url adapter."""
    found = [
        *_ids(soup),
        *_labels(soup),
        *_forms(soup),
        *_secrets(soup),
        *_no_inline_code(soup),
        *_hx(soup, whole_page, routes),
    ]
    if whole_page:
        found += _frame(soup)
    policy = headers.get("Content-Security-Policy", "")
    if not policy or "unsafe" in policy:
        found.append(f"the content security policy is missing or has exceptions: {policy!r}")
    return found


def _secrets(soup: BeautifulSoup) -> list[str]:
    """A field that the portal does not know as secret would be repeated when its form has expired."""
    names = {str(tag.get("name")) for tag in soup.select("input[type=password], input[autocomplete=one-time-code]")}
    return [f"{name!r} is no PasswordField or CodeField" for name in names - secret_names()]


def _frame(soup: BeautifulSoup) -> list[str]:
    found = []
    if len(soup.find_all("h1")) != 1:
        found.append(f"{len(soup.find_all('h1'))} h1 headings")
    if not (soup.title and soup.title.get_text(strip=True)):
        found.append("no title")
    if not (soup.html and soup.html.get("lang")):
        found.append("no language")
    if not soup.find("meta", attrs={"name": "viewport"}):
        found.append("no viewport")
    return found


def _ids(soup: BeautifulSoup) -> list[str]:
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    return [f"id {name!r} is there twice" for name in {name for name in ids if ids.count(name) > 1}]


def _labels(soup: BeautifulSoup) -> list[str]:
    found = []
    for control in soup.find_all(["input", "select", "textarea"]):
        if control.get("type") in ("hidden", "submit"):
            continue
        named = control.get("aria-label") or control.get("aria-labelledby") or control.find_parent("label")
        if not named and not soup.find("label", attrs={"for": control.get("id") or "none"}):
            found.append(f"{control.get('name')!r} has no label")
    for button in soup.find_all(["button", "a"]):
        if not button.get_text(strip=True) and not button.get("aria-label"):
            found.append(f"a {button.name} has no words: {button}")
    return found


def _forms(soup: BeautifulSoup) -> list[str]:
    found = []
    for form in soup.find_all("form"):
        posts = form.get("method", "get").lower() == "post"
        if posts and not form.find("input", attrs={"name": "csrf_token"}):
            found.append(f"the form to {form.get('action')!r} has no token")
        if form.get("hx-post") and not posts:
            found.append(f"the form to {form.get('hx-post')!r} does not work without JavaScript")
    return found


def _no_inline_code(soup: BeautifulSoup) -> list[str]:
    found = [f"inline style on {tag.name}" for tag in soup.find_all(style=True)]
    found += ["inline style element" for _ in soup.find_all("style")]
    found += ["inline script" for tag in soup.find_all("script") if not tag.get("src")]
    for tag in soup.find_all(True):
        found += [f"{name} on {tag.name}" for name in tag.attrs if re.match(r"on[a-z]+$|hx-on", name)]
        found += [
            f"{name} runs code" for name, value in tag.attrs.items() if str(value).startswith(("js:", "javascript:"))
        ]
    return found


def _hx(soup: BeautifulSoup, whole_page: bool, routes) -> list[str]:
    found = []
    for tag in soup.find_all(True):
        for attribute, method in HX_VERBS.items():
            if tag.get(attribute) and not _resolves(str(tag[attribute]), method, routes):
                found.append(f"{attribute}={tag[attribute]!r} leads nowhere")
        if whole_page and tag.get("hx-target") and not _is_there(soup, tag):
            found.append(f"hx-target {tag['hx-target']!r} is not in the page")
    return found


def _resolves(url: str, method: str, routes) -> bool:
    try:
        routes.match(url.split("?")[0].split("#")[0] or "/", method=method)
    except MethodNotAllowed:
        return False
    except HTTPException as error:
        return error.code is not None and error.code < 400
    return True


def _is_there(soup: BeautifulSoup, tag: Tag) -> bool:
    target = str(tag["hx-target"])
    return target.startswith(SPECIAL_TARGETS) or soup.select_one(target) is not None
