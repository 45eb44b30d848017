"""A page offers nobody a link that the portal then refuses them."""

import re
from datetime import timedelta
from urllib.parse import urljoin, urlsplit

import pytest

from portal.auth.models import AccessLevel, User
from portal.database import now
from tests.provisioning.conftest import connection  # noqa: F401

# Files that are downloaded, and what a preview shows in the place of a link of the recipient's own.
LEFT_OUT = r"[.](csv|xlsx|json)$|^/static/|=an-invented-one$"


def links_of(page):
    """The addresses of the portal on the page, as the browser would ask for them."""
    for link in page.soup.select("a[href]"):
        target = urlsplit(urljoin(page.url, link["href"]))
        address = f"{target.path}?{target.query}".rstrip("?")
        if target.scheme in ("", "http") and target.netloc in ("", "localhost") and not re.search(LEFT_OUT, address):
            yield address


def refused_links(person, start):
    """(page, link, status) of each refused link, from `start` on. Of links alike but for a number, one is tried."""
    waiting, seen, refused = [("", start)], set(), []
    while waiting:
        before, address = waiting.pop(0)
        kind = re.sub(r"\d+", "N", address.partition("?")[0])
        if kind in seen:
            continue
        seen.add(kind)
        page = person.get(address)
        if page.status >= 400:
            refused.append((before, address, page.status))
        elif "text/html" in page.headers.get("Content-Type", ""):
            waiting += [(address, link) for link in links_of(page)]
    assert len(seen) > 3
    return refused


@pytest.fixture
def staff(cast, acme):
    day = now().date()
    starter = cast.employee(acme, "Sam", "Seller", department="Sales", start_date=day + timedelta(days=5))
    cast.employee(acme, "Lea", "Leaver", department="Sales", end_date=day - timedelta(days=5), manager=starter)


def somebody(cast, acme, level):
    person = cast.person(acme, "Pat", level)
    User.update(part="department", part_value="Sales").where(User.id == person.user.id).execute()
    return person


@pytest.mark.parametrize("level", sorted(AccessLevel))
def test_no_page_leads_somebody_to_a_refusal(cast, acme, staff, connection, level):  # noqa: F811
    connection.problem = "Microsoft 365 does not accept the portal any more."
    connection.save()
    assert refused_links(somebody(cast, acme, level), "/people/employees") == []


@pytest.mark.parametrize("level", sorted(set(AccessLevel) - {AccessLevel.ADMIN}))
def test_nor_before_an_application_is_connected(cast, acme, staff, level):
    assert refused_links(somebody(cast, acme, level), "/people/employees") == []
