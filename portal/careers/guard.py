"""What keeps floods and robots out of the public form, without a puzzle for people.

A field that people do not see, the time at which the form was opened, and limits for each network and each vacancy.
"""

import ipaddress
from datetime import datetime, timedelta

from flask import current_app
from flask_limiter.util import get_remote_address
from itsdangerous import BadData, URLSafeSerializer
from limits import RateLimitItemPerHour

from portal.clock import over
from portal.database import now
from portal.languages import gettext as _
from portal.recruitment.files import StoredFile, waiting
from portal.recruitment.models import Vacancy
from portal.security import limiter
from portal.signing import SIGNING

QUICKEST, LONGEST = timedelta(seconds=3), timedelta(hours=24)
# Applications in an hour. Tries that were refused count for TRIES alone.
OF_A_NETWORK, OF_A_VACANCY = RateLimitItemPerHour(5), RateLimitItemPerHour(60)
TRIES = "30 per hour"


def network() -> str:
    """Where a request comes from: an IPv4 address, or the /64 of an IPv6 address, which is one connection."""
    try:
        address = ipaddress.ip_address(get_remote_address())
    except ValueError:
        return "nowhere"
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is None:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def _signed(salt: str) -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt=f"careers {salt}", signer_kwargs=SIGNING)


def opened(vacancy: Vacancy) -> str:
    """A sign that the form for this vacancy was opened now."""
    return str(_signed("opened").dumps([vacancy.id, now().isoformat()]))


def problem_of_time(sign: str, vacancy: Vacancy) -> str:
    """Why the form came too soon or too late, as a sentence; empty when it did not."""
    try:
        vacancy_id, moment = _signed("opened").loads(sign)
        since = datetime.fromisoformat(moment)
    except (BadData, ValueError, TypeError):
        return _("Check what you entered, and press Send application again.")
    if vacancy_id != vacancy.id or over(since, LONGEST):
        return _("This form was open for more than a day. Check what you entered, and press Send application again.")
    if now() - since < QUICKEST:
        return _("That was very quick. Check what you entered, and press Send application again.")
    return ""


def key_of(file: StoredFile, vacancy: Vacancy) -> str:
    """What the form holds in place of a file that came with it before."""
    return str(_signed("file").dumps([file.id, file.sha256, vacancy.id]))


def file_of(key: str, vacancy: Vacancy) -> StoredFile | None:
    """The file that the key stands for, while it is kept; None for a key that is not of this vacancy's form."""
    try:
        found, sha256, vacancy_id = _signed("file").loads(key)
    except (BadData, ValueError, TypeError):
        return None
    return waiting(found, sha256, vacancy.organisation) if vacancy_id == vacancy.id else None


def problem_of_number(vacancy: Vacancy) -> str:
    """Count an application that is about to be taken. Why it is not, as a sentence; empty when it is."""
    if not limiter.limiter.hit(OF_A_NETWORK, "application", network()):
        return _("Several applications came from your network within an hour. Wait an hour, then send yours.")
    if not limiter.limiter.hit(OF_A_VACANCY, "application", str(vacancy.id)):
        return _("Very many applications for this vacancy came within an hour. Wait an hour, then send yours.")
    return ""
