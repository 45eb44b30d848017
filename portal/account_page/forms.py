from typing import Any

from wtforms import BooleanField, Field, HiddenField, SelectField, StringField
from wtforms.validators import InputRequired, ValidationError

from portal import params
from portal.account_page.hand_over_form import A_TEMPORARY, NOW, THE_TEMPORARY, HandOverForm
from portal.accounts import licences, units
from portal.accounts.place import Place
from portal.connections.offer import has_seat, with_its_seats
from portal.connections.settings import NO_LICENCE
from portal.connectors.capabilities import GIVES_NONE
from portal.database import now
from portal.group_rules.rules import planned
from portal.hand_over.moments import sign_in_opens
from portal.languages import clock, joined
from portal.languages import gettext as _
from portal.provisioning.actions import AccountRequest
from portal.templating import local_date, local_time
from portal.theirs import seen

# What the form sends for "No licence", so that it differs from having chosen nothing.
WITHOUT = "none"


class CreateAccountForm(HandOverForm):
    """The form behind the Action switch. Domains and licences are those last read from the tenant."""

    # The account is made now, blocked; the sign-in is allowed and the email goes out on the first morning.
    AHEAD = "ahead"

    username = StringField(_("Username"), validators=[InputRequired(_("Enter a username."))])
    domain = SelectField(_("Domain"))
    update_company_email = BooleanField(_("Update the company email to the new address"), default=True)
    another = BooleanField(_("Create another account"))
    looked = HiddenField()
    licence_id = SelectField(_("Licence"), validate_choice=False)
    unit = SelectField(_("Part of the tenant"), validate_choice=False)
    lose_deleted = BooleanField(_("Create it anyway: the deleted account can then never be restored"))

    def __init__(self, place: Place, **values: Any):
        super().__init__(place, **values)
        employee, connection = place.employee, place.connection
        if not connection.gives_company_email:
            del self.update_company_email
        self.domain.choices = [(name, name) for name in connection.domains]
        if len(connection.units) > 1:
            self.unit.label.text = self.service.words.unit
            self.unit.choices = units.choices(connection)
            self.unit.data = self.unit.data or units.unit_for(employee, connection)
        else:
            del self.unit
        self.groups = planned(employee, connection)
        self.offered = {licence["id"]: licence for licence in connection.licences}
        self.default = licences.default_for(employee, connection)
        self.licence_id.choices = [
            *([("", _("Choose a licence"))] if self.default.licence_id is None else []),
            *((key, with_its_seats(licence)) for key, licence in self.offered.items()),
            (WITHOUT, self.without),
        ]
        if not self.licence_id.raw_data:
            self.licence_id.data = {None: "", NO_LICENCE: WITHOUT}.get(self.default.licence_id, self.default.licence_id)

    def _on_start_date(self) -> list[tuple[str, str]]:
        opens = sign_in_opens(self.employee)
        if opens is None or opens <= now():
            return super()._on_start_date()
        words = _(
            "On the start date, %(hour)s (%(day)s). The sign-in stays blocked until then",
            hour=clock(opens),
            day=local_date(opens.date()),
        )
        return [*super()._on_start_date(), (self.AHEAD, words)]

    @property
    def blocked(self) -> bool:
        """Whether nobody is to sign in before the first day."""
        return self.by_mail and self.send_immediately.data == self.AHEAD

    @property
    def without(self) -> str:
        """What giving no licence is called."""
        return self.service.words.no_licence

    @property
    def was_looked(self) -> bool:
        """Whether the portal has just looked for this form, and found no account that may be theirs already."""
        return seen.holds(self.looked.data or "", self.employee, self.connection)

    def validate_username(self, field: Field) -> None:
        """Accepts the whole address too, when its domain is one of the tenant's."""
        local_part, _at, domain = (
            field.data.strip().rpartition("@") if "@" in field.data else (field.data.strip(), "", "")
        )
        if domain:
            if domain.casefold() not in (name.casefold() for name, _ in self.domain.choices):
                raise ValidationError(
                    _(
                        "“%(domain)s” is not one of your organisation’s verified domains: choose one from the list.",
                        domain=domain,
                    )
                )
            self.domain.data = domain.casefold()
        field.data = local_part
        problem = self.service.local_part_problem(local_part)
        if problem:
            raise ValidationError(problem)

    def validate_licence_id(self, field: Field) -> None:
        if field.data == WITHOUT:
            return
        if not field.data:
            raise ValidationError(_("Choose a licence, or “%(no_licence)s”.", no_licence=self.without))
        licence = self.offered.get(field.data)
        if licence is None:
            raise ValidationError(_("This licence is no longer offered: choose another one."))
        if not has_seat(licence):
            raise ValidationError(
                _(
                    "No seat is left on %(licence)s: choose another licence, or “%(no_licence)s”.",
                    licence=licence["name"],
                    no_licence=self.without,
                )
            )
        if licences.lacks_country(self.employee, self.connection):
            raise ValidationError(
                _(
                    "%(service)s needs the country before it gives a licence. Fill it in on the "
                    "Profile first, or choose “%(no_licence)s”.",
                    service=self.service.name,
                    no_licence=self.without,
                )
            )

    def validate_unit(self, field: Field) -> None:
        if field.data not in self.connection.units:
            raise ValidationError(_("This one is no longer there: choose another one."))

    @property
    def licence_help(self) -> str:
        """Why this licence is chosen already, and by which country it is given."""
        words = [] if self.licence_id.raw_data else [self.default.reason]
        if self.default.licence_id in self.offered and not has_seat(self.offered[self.default.licence_id]):
            words.append(_("No seat is left on it: choose another one, or buy a seat first."))
        needs_country = self.service.capabilities.licence_needs_country
        if needs_country and not self.employee.country and licences.country_for(self.employee):
            words.append(_("The Profile has no country, so the organisation’s is used."))
        return joined(*words)

    @property
    def licence(self) -> dict[str, Any]:
        """The licence that is chosen, as offered; empty when none is."""
        return self.offered.get(self.licence_id.data or "", {})

    def account_request(self) -> AccountRequest:
        licence = self.licence
        return AccountRequest(
            username=f"{self.username.data}@{self.domain.data}",
            blocked=self.blocked,
            licence_id=licence.get("id", ""),
            licence_name=licence.get("name", ""),
            unit=self.unit.data if "unit" in self else "",
            update_company_email="update_company_email" in self and self.update_company_email.data,
            hand_over=self.hand_over,
            send_at=self.send_at,
            on_start=self.on_start,
        )

    def sentence(self, *, followed: bool = True) -> str:
        handing_over = self._handing_over(THE_TEMPORARY if self.by_link else A_TEMPORARY, followed)
        if not followed:
            return _("We’ll create the account as chosen above, and %(handing_over)s", handing_over=handing_over)
        if self.blocked:
            return joined(_("We’ll create %(account)s now, blocked.", account=self._with_licence), self._on_the_morning)
        if self._when == NOW:
            return _(
                "We’ll create %(account)s, and %(handing_over)s", account=self._with_licence, handing_over=handing_over
            )
        return _(
            "We’ll create %(account)s now, and %(handing_over)s", account=self._with_licence, handing_over=handing_over
        )

    @property
    def _on_the_morning(self) -> str:
        secret = _("a link to a fresh temporary password") if self.by_link else _("a fresh temporary password")
        secret = _("the username, without a password,") if self.without_password else secret
        return _(
            "On %(when)s, we’ll allow the sign-in and then email %(secret)s to %(personal_email)s.",
            when=local_time(sign_in_opens(self.employee)),
            secret=secret,
            personal_email=self.employee.personal_email,
        )

    @property
    def _account_words(self) -> str:
        typed = params.one_line(self.username.data or "", most=300)
        if not typed:
            return _("the account")
        domain = self.domain.data or next(iter(self.connection.domains), "")
        return typed if "@" in typed or not domain else f"{typed}@{domain}"

    @property
    def _with_licence(self) -> str:
        account = self._account_words
        if not self.service.capabilities.has_licences:
            return account
        if self.licence_id.data == WITHOUT:
            # Where the application gives licences automatically, to choose none does not mean that there will be none.
            return _("%(account)s without a licence", account=account) if self.without == GIVES_NONE else account
        return (
            _("%(account)s with %(licence)s", account=account, licence=self.licence["name"])
            if self.licence
            else (account)
        )
