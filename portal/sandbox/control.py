"""The control address: what a test does to the sandbox from outside. It has a port of its own."""

import base64
from typing import Any

from portal.sandbox import pictures, raw
from portal.sandbox.calendar import invitations
from portal.sandbox.calendar import items as calendar
from portal.sandbox.faults import Faults
from portal.sandbox.identity.people import door
from portal.sandbox.identity.platform import Identity
from portal.sandbox.identity.scopes import POLICIES, RULES
from portal.sandbox.journal import Journal
from portal.sandbox.mail import letters
from portal.sandbox.mail.items import files_of, find, folded, move, recipients_of, remove
from portal.sandbox.mail.outside import reply_to
from portal.sandbox.mail.transport import from_outside
from portal.sandbox.rules import licences, reports
from portal.sandbox.rules.permissions import DECLARED
from portal.sandbox.state import State, Tenant, User, people
from portal.sandbox.state.models import CalendarEvent, Change, Kept, Mail, MailItem, OutsideMail, Subscription
from portal.sandbox.state.seed import plant_another
from portal.sandbox.steering import SHARED, Calls, Steering
from portal.sandbox.throttle import Throttle

MOST_USERS = 1000


class Control(Steering[State]):
    """What the control calls act on."""

    def __init__(self, state: State, faults: Faults, journal: Journal, identity: Identity, throttle: Throttle):
        self.state, self.faults, self.journal = state, faults, journal
        self.identity, self.throttle = identity, throttle

    def tenant(self, asked: dict[str, Any]) -> Tenant:
        return self.state.tenant_named(asked.get("tenant") or "Acme")

    def user(self, asked: dict[str, Any]) -> User:
        """Raises KeyError."""
        user = raw.find(self.tenant(asked), asked["name"])
        if user is None:
            raise KeyError(asked["name"])
        return user

    def users(self, asked: dict[str, Any]) -> Any:
        """Users as they are, those in the recycle bin too. tenant; name (id or username) for one, else top and skip."""
        tenant = self.tenant(asked)
        if asked.get("name") is not None:
            return raw.shown(raw.find(tenant, asked["name"]))
        top, skip = min(int(asked.get("top") or MOST_USERS), MOST_USERS), int(asked.get("skip") or 0)
        query = User.select().where(User.tenant == tenant.id).order_by(User.seq)
        return [raw.shown(user) for user in query.limit(top).offset(skip)]

    def change_user(self, asked: dict[str, Any]) -> Any:
        """tenant, name; values: properties, without any rule; role: one more; roles: all of them;
        join: the name of a group; delete or restore: true.
        """
        return raw.change(self.state, self.tenant(asked), asked)

    def change_mailbox(self, asked: dict[str, Any]) -> Any:
        """tenant, name; purpose; rules: more of them; settings: other values. As its owner would."""
        return raw.change_mailbox(self.tenant(asked), asked)

    def picture(self, asked: dict[str, Any]) -> Any:
        """tenant, name -> the picture that everything shows, in base64; content: another one, in base64."""
        user = people.find(self.tenant(asked), asked["name"])
        if user is None:
            return ""
        if "content" in asked:
            pictures.keep(self.state, user.id, base64.b64decode(asked["content"]))
        return base64.b64encode(pictures.shown(self.state, user.id)).decode()

    def report_settings(self, asked: dict[str, Any]) -> Any:
        """tenant; concealed: whether usage reports hide names, as they do from the start."""
        self.state.keep(reports.key_of(self.tenant(asked)), "shown" if not asked["concealed"] else "")
        return asked["concealed"]

    def sign_in(self, asked: dict[str, Any]) -> Any:
        """username, password or pass -> result: ok, must change password, pass, wrong password, blocked or unknown."""
        for tenant in self.state.tenants.values():
            user = people.find(tenant, asked["username"])
            if user is not None:
                return {"result": door(user, asked["password"], self.state.clock.time())}
        return {"result": "unknown"}

    def tenants(self, asked: dict[str, Any]) -> Any:
        """Each tenant with its domains, products and seats, and what it granted."""
        return [
            {
                "id": item.id, "name": item.name, "country": item.country, "default_domain": item.default_domain,
                "domains": item.domains, "granted": item.granted, "registered": item.registered,
                "app_roles": item.app_roles,
                "products": [
                    {**product, "consumedUnits": licences.consumed(item, product["skuId"])} for product in item.products
                ],
            }
            for item in self.state.tenants.values()
        ]  # fmt: skip

    def add_tenant(self, asked: dict[str, Any]) -> Any:
        """One more tenant, which is Acme's like and has granted nothing yet; its id. name."""
        made = plant_another(asked["name"])
        self.state.load()
        return made

    def lag(self, asked: dict[str, Any]) -> Any:
        """seconds: how long a new user stays unknown; short for new_user of /timing."""
        self.state.timing.set(new_user=asked["seconds"])
        return self.state.timing.new_user

    def set_throttle(self, asked: dict[str, Any]) -> Any:
        """on; and any figure of throttle.Limits that shall differ from Microsoft's."""
        self.throttle.switch(**{"on": True, **asked})
        return {"on": self.throttle.on, **vars(self.throttle.limits)}

    def consent(self, asked: dict[str, Any]) -> Any:
        """tenant; permissions: what it grants from now on, all when missing, [] for none: tokens then have no roles.

        remove: the application is taken out of the tenant altogether, and gets no tokens.
        """
        tenant = self.tenant(asked)
        tenant.registered = not asked.get("remove")
        tenant.granted = sorted(asked.get("permissions", DECLARED)) if tenant.registered else []
        tenant.granted_at = self.state.clock.time() + self.state.timing.grants if self.state.timing.grants else 0
        self.state.keep_tenant(tenant)
        return tenant.granted

    def delegated(self, asked: dict[str, Any]) -> Any:
        """tenant; scopes: what the application may do in the name of everybody, or of the one called name, from now on;
        policy: what people may agree to themselves: microsoft, everybody or administrators.
        """
        tenant = self.tenant(asked)
        if asked.get("policy"):
            tenant.consent_policy = {name: name for name in POLICIES}[asked["policy"]]
        if "scopes" in asked:
            user = people.find(tenant, asked["name"]) if asked.get("name") else None
            whose = user.id if user else ""
            tenant.delegated = {**tenant.delegated, whose: sorted(asked["scopes"])}
            tenant.registered = True
        self.state.keep_tenant(tenant)
        return tenant.delegated

    def refuse_person(self, asked: dict[str, Any]) -> Any:
        """tenant, name; number: the AADSTS code with which this person gets no more tokens, 0 for none."""
        user = self.user(asked)
        self.identity.refusing.pop(user.id, None)
        if asked["number"]:
            self.identity.refusing[user.id] = {number: number for number in RULES}[int(asked["number"])]
        return asked["number"]

    def messages(self, asked: dict[str, Any]) -> Any:
        """What is in a mailbox, oldest first. tenant, name."""
        user = self.user(asked)
        found = MailItem.select().where(MailItem.user == user.id).order_by(MailItem.seq)
        return [
            {
                "id": item.id, "folder": item.folder, "draft": item.draft, "message_id": item.internet_id,
                "conversation": item.conversation, "references": item.references, "from": item.sender,
                "to": recipients_of(item.body), "subject": item.body.get("subject"),
                "text": letters.as_text(item.body.get("body") or {}), "properties": item.properties,
                "files": [file.name for file in files_of(item)],
            }
            for item in found
        ]  # fmt: skip

    def move_message(self, asked: dict[str, Any]) -> Any:
        """tenant, name, id; folder: where the person, or a rule of theirs, moves it; empty deletes it."""
        item = find(self.user(asked), asked["id"])
        if asked["folder"]:
            move(self.state, item, asked["folder"])
        else:
            remove(item)
        return item.id

    def outside_mails(self, asked: dict[str, Any]) -> Any:
        """The mail of an address that belongs to no tenant, oldest first. address; without it, everybody's."""
        found = OutsideMail.select().order_by(OutsideMail.seq)
        if asked.get("address"):
            found = found.where(OutsideMail.address == folded(asked["address"]))
        return [dict(item.__data__) for item in found]

    def write_from_outside(self, asked: dict[str, Any]) -> Any:
        """sender, to, subject, text; html, name, cc, references, headers, kind, source.

        files: name, type, and data in base64 of each. answers: the seq of an outside mail; then to, subject and
        references are its own.
        """
        with self.state.work():
            seq = asked.pop("answers", None)
            if seq is None:
                item = from_outside(self.state, **asked)
            else:
                item = reply_to(OutsideMail.get(OutsideMail.seq == seq), **asked, store=self.state)
            return item.internet_id if item else None

    def events(self, asked: dict[str, Any]) -> Any:
        """What is in a calendar, and what was: gone. tenant, name."""
        found = CalendarEvent.select().where(CalendarEvent.user == self.user(asked).id).order_by(CalendarEvent.seq)
        return [dict(event.__data__) for event in found]

    def change_event(self, asked: dict[str, Any]) -> Any:
        """As its owner does in Outlook. tenant, name; id; starts and ends in seconds to move it, else it is called off.

        Without an id: a new one, with subject, showAs, starts and ends.
        """
        user = self.user(asked)
        moments: dict[str, Any] = {name: float(asked[name]) for name in ("starts", "ends") if name in asked}
        with self.state.work():
            if not asked.get("id"):
                body = {"subject": asked.get("subject", ""), "showAs": asked.get("showAs", "busy")}
                return calendar.add(self.state, user, body, **moments).id
            event = calendar.find(user, asked["id"])
            if moments:
                invitations.update(self.state, user, event, {}, **moments)
            else:
                invitations.cancel(self.state, user, event)
            return event.id

    def answer_meeting(self, asked: dict[str, Any]) -> Any:
        """uid, address; response: accepted, tentativelyAccepted or declined; words. As an attendee does."""
        with self.state.work():
            invitations.answered(self.state, asked["uid"], asked["address"], asked["response"], asked.get("words", ""))
        return asked["response"]

    def teams(self, asked: dict[str, Any]) -> Any:
        """tenant, name; allowed: whether this person's meetings get a link of Teams."""
        self.state.keep(f"no teams {self.user(asked).id}", "" if asked["allowed"] else "1")
        return asked["allowed"]

    def app_roles(self, asked: dict[str, Any]) -> Any:
        """tenant; roles: the directory roles that the application holds there."""
        tenant = self.tenant(asked)
        tenant.app_roles = list(asked["roles"])
        self.state.keep_tenant(tenant)
        return tenant.app_roles

    def challenge(self, asked: dict[str, Any]) -> Any:
        """tenant: every token made before now is refused with a claims challenge."""
        tenant = self.tenant(asked)
        self.state.refuse_earlier_tokens(tenant)
        return tenant.tokens_valid_from

    def secret(self, asked: dict[str, Any]) -> Any:
        """expired: whether the client secret has."""
        self.identity.secret_expired = bool(asked.get("expired", True))
        return self.identity.secret_expired

    def certificate(self, asked: dict[str, Any]) -> Any:
        """pem: the certificate with which client assertions are checked."""
        self.identity.register(asked["pem"])
        return True

    def token_life(self, asked: dict[str, Any]) -> Any:
        """seconds: how long tokens hold."""
        self.identity.token_life = int(asked["seconds"])
        return self.identity.token_life

    def seats(self, asked: dict[str, Any]) -> Any:
        """tenant; sku (id or part number); seats; status (capabilityStatus), warning and suspended seats."""
        return raw.set_seats(self.state, self.tenant(asked), asked)

    def pass_policy(self, asked: dict[str, Any]) -> Any:
        """tenant; what its policy for Temporary Access Passes says from now on, by the names of Graph."""
        tenant = self.tenant(asked)
        tenant.pass_policy = {name: value for name, value in asked.items() if name != "tenant"}
        self.state.keep_tenant(tenant)
        return tenant.pass_policy

    def mails(self, asked: dict[str, Any]) -> Any:
        """What sendMail accepted, oldest first. tenant."""
        found = Mail.select().where(Mail.tenant == self.tenant(asked).id)
        return [{"user": item.user, "at": item.at, "message": item.message} for item in found]

    def subscriptions(self, asked: dict[str, Any]) -> Any:
        """Who is told of changes. tenant."""
        return [item.body for item in Subscription.select().where(Subscription.tenant == self.tenant(asked).id)]

    def changes(self, asked: dict[str, Any]) -> Any:
        """What has happened to users since the seed, oldest first. tenant."""
        found = Change.select().where(Change.tenant == self.tenant(asked).id).order_by(Change.seq)
        return [{"user": item.user, "at": item.at, "kind": item.kind, "names": item.names} for item in found]

    def reset(self, asked: dict[str, Any]) -> Any:
        """Everything as at the very beginning."""
        self.state.reset()
        for tenant in self.state.tenants.values():
            self.state.keep(reports.key_of(tenant), "")
        Kept.delete().where(Kept.name.startswith("no teams ")).execute()
        self.faults.reset()
        self.journal.clear()
        self.identity.reset()
        self.throttle.switch(on=False)
        return "as new"


CALLS: Calls = {
    **SHARED,
    ("GET", "/users"): Control.users, ("PATCH", "/users"): Control.change_user,
    ("PATCH", "/mailbox"): Control.change_mailbox,
    ("GET", "/picture"): Control.picture, ("PATCH", "/picture"): Control.picture,
    ("POST", "/report-settings"): Control.report_settings, ("POST", "/sign-in"): Control.sign_in,
    ("GET", "/tenants"): Control.tenants, ("POST", "/tenants"): Control.add_tenant,
    ("POST", "/lag"): Control.lag, ("POST", "/throttle"): Control.set_throttle,
    ("POST", "/consent"): Control.consent, ("POST", "/app-roles"): Control.app_roles,
    ("POST", "/challenge"): Control.challenge, ("POST", "/secret"): Control.secret,
    ("POST", "/certificate"): Control.certificate, ("POST", "/token-life"): Control.token_life,
    ("POST", "/seats"): Control.seats, ("GET", "/mails"): Control.mails,
    ("POST", "/pass-policy"): Control.pass_policy,
    ("POST", "/delegated"): Control.delegated, ("POST", "/refuse-person"): Control.refuse_person,
    ("GET", "/messages"): Control.messages, ("PATCH", "/messages"): Control.move_message,
    ("GET", "/outside"): Control.outside_mails, ("POST", "/outside"): Control.write_from_outside,
    ("GET", "/events"): Control.events, ("PATCH", "/events"): Control.change_event,
    ("POST", "/meeting-answer"): Control.answer_meeting, ("POST", "/teams"): Control.teams,
    ("GET", "/subscriptions"): Control.subscriptions, ("GET", "/changes"): Control.changes,
    ("POST", "/reset"): Control.reset,
}  # fmt: skip
