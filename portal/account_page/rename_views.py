"""The card's form for another username."""

from typing import Any

from flask import Blueprint, flash, url_for
from flask_login import current_user
from wtforms import BooleanField, DateField, Field, RadioField, SelectField, StringField, TimeField
from wtforms.validators import InputRequired, Optional, ValidationError

from portal import access, params, seeing
from portal.access import Action
from portal.account_page.card import why_left_alone
from portal.account_page.card_page import PLACE, act, asked, read_card, show_card
from portal.account_page.hand_over_form import PlaceForm
from portal.accounts.naming import naming_of
from portal.accounts.place import Place
from portal.connections import offer
from portal.connectors import for_connection
from portal.connectors.errors import ConnectorError
from portal.languages import gettext as _
from portal.languages import joined
from portal.provisioning import usernames
from portal.provisioning.actions import NameTaken
from portal.renaming import actions, on_a_day, words
from portal.templating import local_date
from portal.web import Answer, fragment, leave_to

blueprint = Blueprint("rename", __name__)


class RenameForm(PlaceForm):
    """Which username the account is to have."""

    username = StringField(_("New username"), validators=[InputRequired(_("Enter the new username."))])
    domain = SelectField(_("Domain"))
    update_company_email = BooleanField(_("Update the company email to the new address"), default=True)
    when = RadioField(_("When"), choices=[], default="now")
    day = DateField(_("Day"), validators=[Optional()])
    hour = TimeField(_("Time"), validators=[Optional()])

    def __init__(self, place: Place, **values: Any):
        day, hour = on_a_day.usual(place.employee)
        super().__init__(place, **{"day": day, "hour": hour, **values})
        if on_a_day.is_offered(place.employee):
            self.when.choices = [("now", _("Now")), ("day", _("On a day"))]
        else:
            del self.when, self.day, self.hour
        self.domain.choices = [(name, name) for name in place.connection.domains]
        if not place.connection.gives_company_email:
            del self.update_company_email

    def validate_username(self, field: Field) -> None:
        """Accepts the whole address too."""
        local_part, at, domain = field.data.strip().rpartition("@")
        if at:
            if domain.casefold() not in (name.casefold() for name, _ in self.domain.choices):
                raise ValidationError(
                    _(
                        "“%(domain)s” is not one of your organisation’s domains: choose one from the list.",
                        domain=domain,
                    )
                )
            self.domain.data = domain.casefold()
        field.data = local_part if at else field.data.strip()
        if problem := self.service.local_part_problem(field.data):
            raise ValidationError(problem)

    def validate_when(self, field: Field) -> None:
        if field.data == "day" and not (self.day.data and self.hour.data):
            raise ValidationError(_("Enter a day, and a time such as 18:00."))

    @property
    def on_a_day(self) -> bool:
        """Whether it is to happen on a day, and not now."""
        return "when" in self and self.when.data == "day"

    @property
    def chosen(self) -> str:
        """The whole username."""
        return f"{self.username.data}@{self.domain.data}"


@blueprint.get(f"{PLACE}/rename")
@access.requires(Action.PROVISION)
def ask_rename(employee_id: int, service_key: str) -> Answer:
    """The form, with the name that the record gives now; or with the old one after a change."""
    place = seeing.place_or_404(employee_id, service_key)
    card = read_card(place)
    account = card.account
    if account is None or card.is_busy:
        return show_card(place, card=card)
    form = RenameForm(card.place)
    try:
        if reasons := asked(place, lambda: why_left_alone(account)):
            return show_card(place, card=card, panel="protected", reasons=reasons)
        form.username.data, form.domain.data = asked(place, lambda: _proposal(card.place))
    except ConnectorError as error:
        return show_card(place, card=card, panel="problem", problem=error)
    return show_card(
        place, card=card, panel="rename", form=form, old_name=words.old_name(account), planned=on_a_day.planned(place)
    )


def _proposal(place: Place) -> tuple[str, str]:
    """A local part, empty where the record gives the present one, and its domain. Raises ConnectorError."""
    account, connection = place.need_account(), place.connection
    offer.read(connection)
    if old := words.old_name(account):
        local_part, _, domain = old.rpartition("@")
        if domain in connection.domains:
            return local_part, domain
    present, _, domain = account.username.rpartition("@")
    domain = domain if domain in connection.domains else next(iter(connection.domains), "")
    if present == next(iter(usernames.candidates(place.employee, naming_of(connection))), ""):
        # The name on the record is the same as before: a number after it would help nobody.
        return "", domain
    return usernames.suggest(place.employee, connection, for_connection(connection), domain).local_part, domain


@blueprint.post(f"{PLACE}/rename")
@access.requires(Action.PROVISION)
def rename(employee_id: int, service_key: str) -> Answer:
    place = seeing.place_or_404(employee_id, service_key)
    account, form = place.need_account(), RenameForm(place)
    if not form.validate():
        return show_card(place, panel="rename", form=form, status=422)
    if form.chosen.casefold() == account.username.casefold():
        form.username.errors = [
            _("The username is %(username)s already: choose another one.", username=account.username)
        ]
        return show_card(place, panel="rename", form=form, status=422)
    advice = _advice(place, form.username.data, form.domain.data)
    if not advice.free:
        form.username.errors = [advice.sentence]
        return show_card(place, panel="rename", form=form, advice=advice, status=422)
    follows = "update_company_email" in form and form.update_company_email.data
    if form.on_a_day:
        return _plan(place, form, follows)
    try:
        return act(
            place, lambda: actions.rename(place, form.chosen, update_company_email=follows, by=current_user)
        )  # fmt: skip
    except NameTaken as problem:
        form.username.errors = [joined(problem.message, problem.next_step)]
        return show_card(place, panel="rename", form=form, status=problem.status)


def _plan(place: Place, form: RenameForm, follows: bool) -> Answer:
    """Another username on the day of the form."""
    hour = form.hour.data.strftime("%H:%M")
    try:
        on_a_day.plan(
            place, form.chosen, form.day.data, hour, update_company_email=follows, by=current_user
        )  # fmt: skip
    except on_a_day.CannotPlan as problem:
        form.when.errors = [problem.message]
        return show_card(place, panel="rename", form=form, status=problem.status)
    flash(
        _(
            "The username becomes %(chosen)s on %(day)s, %(hour)s.",
            chosen=form.chosen,
            day=local_date(form.day.data),
            hour=hour,
        ),
        "success",
    )
    return leave_to(url_for("timelines.show", employee_id=place.employee.id))


@blueprint.get(f"{PLACE}/rename/username")
@access.requires(Action.PROVISION)
def advise_username(employee_id: int, service_key: str) -> Answer:
    """Whether the new username is free, while it is being typed."""
    place = seeing.place_or_404(employee_id, service_key)
    typed, domain = params.line("username", most=300), params.line("domain", most=300)
    card, advice = read_card(place), _advice(place, typed, domain)
    return fragment("account_page/_username_advice.html", card=card, advice=advice, renaming=True)


def _advice(place: Place, typed: str, domain: str) -> usernames.Advice:
    connection, account = place.connection, place.need_account()
    local_part, at, own_domain = typed.rpartition("@") if "@" in typed else (typed, "", "")
    domain = own_domain.casefold() if at else domain
    if f"{local_part}@{domain}".casefold() == account.username.casefold():
        return usernames.Advice(False, _("The username is %(username)s already.", username=account.username))
    try:
        return asked(
            place,
            lambda: usernames.advise(
                place.employee, connection, for_connection(connection), local_part, domain, own=account.remote_id
            ),
        )
    except ConnectorError as error:
        return usernames.Advice(False, _("We couldn’t check this username. %(message)s", message=error.message))
