from typing import Any

from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, PasswordField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, ValidationError

from portal.auth.models import AccessLevel, Part
from portal.auth.passwords import LONGEST
from portal.languages import LANGUAGES
from portal.languages import gettext as _
from portal.organisations.countries import countries
from portal.people.rules import tidy
from portal.plain_text import printable
from portal.typed import CodeField

LEVELS = {
    AccessLevel.ADMIN: _("Admin: everything"),
    AccessLevel.HR: _("HR: everybody’s records and accounts, no settings"),
    AccessLevel.PART_HR: _("HR of one part: records and accounts of one country or department"),
    AccessLevel.APPROVER: _("Approver: approves bulk actions, changes nothing"),
    AccessLevel.AUDITOR: _("Auditor: reads everything that was done, changes nothing"),
    AccessLevel.IT: _("IT: connects applications and sets them up"),
    AccessLevel.MANAGER: _("Manager: sees their own reports"),
    AccessLevel.EMPLOYEE: _("Employee: sees only their own record"),
}


class LevelForm(FlaskForm):
    name = StringField(_("Name"), filters=[printable], validators=[Length(max=200)])
    access_level = SelectField(_("Access level"))
    part_country = SelectField(_("Country"), validate_choice=False)
    part_department = StringField(_("Department"), filters=[tidy])

    def __init__(self, *args: Any, **kwargs: Any):
        held = kwargs.get("obj")
        if held is not None:
            kwargs["data"] = {f"part_{held.part}": held.part_value} if held.part else {}
        super().__init__(*args, **kwargs)
        self.access_level.choices = [SelectChoice(str(level), words) for level, words in LEVELS.items()]
        self.part_country.choices = [
            SelectChoice("", _("No country")), *(SelectChoice(code, name) for code, name in countries().items())
        ]  # fmt: skip

    def validate(self, extra_validators: Any = None) -> bool:
        """An HR of one part is held to a country or to a department, and to one of both."""
        good = super().validate(extra_validators)
        if self.access_level.data == AccessLevel.PART_HR:
            chosen = [bool(self.part_country.data), bool(self.part_department.data)]
            if sum(chosen) != 1:
                self.part_country.errors = [
                    *self.part_country.errors,
                    _("Choose a country or enter a department, not both."),
                ]
                return False
            if self.part_country.data and self.part_country.data not in countries():
                self.part_country.errors = [*self.part_country.errors, _("This is not a country.")]
                return False
        return good

    @property
    def held_to(self) -> dict[str, str]:
        """The part, as the columns of User have it: empty for every other level."""
        if self.access_level.data != AccessLevel.PART_HR:
            return {"part": "", "part_value": ""}
        if self.part_country.data:
            return {"part": str(Part.COUNTRY), "part_value": self.part_country.data}
        return {"part": str(Part.DEPARTMENT), "part_value": self.part_department.data or ""}


class SignInForm(FlaskForm):
    email = EmailField(_("Email"), validators=[InputRequired(_("Enter your email address."))])
    password = PasswordField(_("Password"), validators=[InputRequired(_("Enter your password."))])
    next = HiddenField()


class CodeForm(FlaskForm):
    code = CodeField(
        _("Code"), validators=[InputRequired(_("Enter the code.")), Length(max=60, message=_("That is not a code."))]
    )


class AskPasswordForm(FlaskForm):
    password = PasswordField(_("Password"), validators=[InputRequired(_("Enter your password."))])
    next = HiddenField()


class ConfirmForm(FlaskForm):
    """The password, asked for in the middle of something else: it goes along when that form is sent once more."""

    NAME = "confirm_password"
    confirm_password = PasswordField(_("Password"))


class ForgotPasswordForm(FlaskForm):
    email = EmailField(_("Email"), validators=[InputRequired(_("Enter your email address."))])


class NewPasswordForm(FlaskForm):
    password = PasswordField(_("New password"), validators=[InputRequired(_("Enter a password.")), Length(max=LONGEST)])
    again = PasswordField(_("New password again"), validators=[InputRequired(_("Enter the new password again."))])

    def validate_again(self, again: PasswordField) -> None:
        if again.data != self.password.data:
            raise ValidationError(_("The two passwords differ."))


class ChangePasswordForm(NewPasswordForm):
    current = PasswordField(_("Current password"), validators=[InputRequired(_("Enter your current password."))])


class LanguageForm(FlaskForm):
    language = SelectField(
        _("Language"),
        choices=[
            SelectChoice("", _("Same as the organisation")),
            *(SelectChoice(key, name) for key, name in LANGUAGES.items()),
        ],
    )


class InviteForm(LevelForm):
    email = EmailField(_("Email"), validators=[InputRequired(_("Enter an email address.")), Length(max=254)])


class UserForm(LevelForm):
    pass
