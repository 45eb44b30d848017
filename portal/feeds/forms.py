import re
from typing import Any

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, Field, IntegerField, PasswordField, RadioField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, ValidationError

from portal.auth.models import AccessLevel, User
from portal.feed_sources import KINDS, Kind
from portal.feed_sources.base import Ask
from portal.feeds.models import BRAKE, EVERY, Feed, Owner
from portal.languages import gettext as _
from portal.organisations.models import Organisation
from portal.plain_text import printable

LONGEST = 2_000
HOURS = [SelectChoice(hour, f"{hour:02}:00") for hour in range(24)]
TIMES = {1: _("Every hour"), 4: _("Every 4 hours"), 24: _("Once a day")}
OWNERS = [
    (Owner.FEED, _("From the feed")),
    (Owner.HERE, _("Here")),
    (Owner.FIRST, _("First time only: when the feed adds a person")),
]


# So that no secret that was typed is repeated when its form has expired, whatever kind of source it was for.
SECRETS: Any = type(
    "Secrets",
    (FlaskForm,),
    {f"ask_{ask.name}": PasswordField() for kind in KINDS.values() for ask in kind.asks if ask.secret},
)


class FileForm(FlaskForm):
    """A file to try a feed with."""

    file = FileField(_("File (CSV or XLSX)"), validators=[FileRequired(_("Choose a file."))])


def _number(label: str, least: int, most: int) -> IntegerField:
    words = _("Enter a whole number from %(least)s to %(most)s.", least=least, most=most)
    return IntegerField(label, validators=[InputRequired(words), NumberRange(least, most, words)])


class FeedForm(FlaskForm):
    """A feed. What its kind of source asks beside this is added by `form_for`."""

    kind: Kind
    feed: Feed | None
    name = StringField(
        _("Name"),
        filters=[printable],
        validators=[DataRequired(_("Enter a name, such as “HR system”.")), Length(max=80)],
    )
    every = SelectField(_("How often"), choices=[SelectChoice(each, TIMES[each]) for each in EVERY], coerce=int)
    hour = SelectField(_("At"), choices=HOURS, coerce=int)
    hears = SelectField(_("Who gets its emails"), coerce=int)
    leave = _number(_("People who may leave in one run"), 0, 100_000)
    leave_percent = _number(_("Share of people who may leave in one run"), 0, 100)
    move = _number(_("People who may get another name or manager in one run"), 0, 100_000)
    move_percent = _number(_("Share of people who may get another name or manager"), 0, 100)
    rows_percent = _number(_("Smallest share of the last run’s records"), 0, 100)
    propose_end = BooleanField(_("Propose a last day for people who are missing from the feed"))

    @property
    def asked(self) -> list[tuple[Ask, Field]]:
        """What the kind of source asks."""
        return [(ask, self[f"ask_{ask.name}"]) for ask in self.kind.asks]

    def values(self) -> dict[str, Any]:
        """The feed as it was entered. secrets: only those that were typed."""
        said = {ask: (field.data or "").strip() for ask, field in self.asked}
        return {
            "name": self.name.data, "every": self.every.data, "hour": self.hour.data,
            "hears": self.hears.data or None, "propose_end": bool(self.propose_end.data),
            "brake": {name: self[name].data for name in BRAKE},
            "options": {ask.name: text for ask, text in said.items() if not ask.secret},
            "secrets": {ask.name: text for ask, text in said.items() if ask.secret and text},
        }  # fmt: skip


def form_for(kind: Kind, organisation: Organisation, feed: Feed | None = None) -> FeedForm:
    """The form of a feed of this kind: empty, or filled with what the feed has, except its secrets."""
    fields = {f"ask_{ask.name}": _ask_field(ask, feed) for ask in kind.asks}
    form_class: Any = type("FormOfKind", (FeedForm,), fields)
    form: FeedForm = form_class(data=_first_values(kind, feed))
    form.kind, form.feed = kind, feed
    admins = User.select().where(
        User.organisation == organisation, User.access_level == AccessLevel.ADMIN, User.enabled
    )
    people = [SelectChoice(user.id, user.display_name) for user in admins.order_by(User.id)]
    form.hears.choices = [SelectChoice(0, _("All Admins")), *people]
    return form


def _ask_field(ask: Ask, feed: Feed | None) -> Any:
    kept = ask.secret and feed is not None

    def check(form: FlaskForm, field: Field) -> None:
        text = (field.data or "").strip()
        if not text and not (ask.optional or kept):
            raise ValidationError(_("Enter this."))
        if text and ask.pattern and not re.fullmatch(ask.pattern, text):
            raise ValidationError(_("It has characters that do not belong there."))
        if text and ask.check:
            problem = ask.check(text)
            if problem:
                raise ValidationError(problem)

    if ask.secret:
        return PasswordField(ask.label, validators=[Length(max=LONGEST), check])
    return StringField(ask.label, filters=[printable], validators=[Length(max=LONGEST), check])


def _first_values(kind: Kind, feed: Feed | None) -> dict[str, Any]:
    if feed is None:
        return {"name": kind.label, "every": 24, "hour": 5, "hears": 0, **BRAKE}
    options = {f"ask_{name}": text for name, text in feed.options.items()}
    schedule = {"every": feed.every, "hour": feed.hour, "hears": feed.hears_id or 0, "propose_end": feed.propose_end}
    return {"name": feed.name, **schedule, **BRAKE, **feed.brake, **options}


def owners_form(feed: Feed, fields: list[tuple[str, str]]) -> FlaskForm:
    """Who says what each field is. fields: name and label."""
    radios = {
        f"owner_{name}": RadioField(label, choices=[SelectChoice(str(owner), words) for owner, words in OWNERS])
        for name, label in fields
    }
    form_class: Any = type("OwnersForm", (FlaskForm,), radios)
    return form_class(data={f"owner_{name}": str(feed.owner(name)) for name, _label in fields})
