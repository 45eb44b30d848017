"""Which fields of a record a feed says, so that no page changes what the next run would change back."""

from portal import owned
from portal.columns.known import MANAGER, SECOND
from portal.feeds.models import Feed, FeedPerson, Owner
from portal.people.models import Employee

NAMES = {MANAGER: "manager", SECOND: "second_manager"}
GIVES = {"=full_name": ("first_name", "last_name"), "=full_name_last_first": ("first_name", "last_name")}


def fields_of(feed: Feed) -> list[str]:
    """The fields of the record that the feed's last file had values for, once an Admin has approved one."""
    meant = [means for key, (_, means) in feed.mapping.items() if feed.filled.get(key)]
    names = [name for means in meant for name in GIVES.get(means, (means,)) if not name.startswith("=")]
    return [*dict.fromkeys(names)]


def owners_of(employee: Employee) -> dict[str, str]:
    """Field of the employee's form -> the name of the feed that says what is in it."""
    found: dict[str, str] = {}
    for person in FeedPerson.select(FeedPerson, Feed).join(Feed).where(FeedPerson.employee == employee):
        if person.feed.paused_at is None:
            mine = [name for name in fields_of(person.feed) if person.feed.owner(name) is Owner.FEED]
            found |= {NAMES.get(name, name): person.feed.name for name in mine}
    return found


owned.register(owners_of)
