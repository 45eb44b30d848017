from typing import Any

from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, PasswordField, SelectField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from portal.auth.models import AccessLevel
from portal.auth.passwords import LONGEST
from portal.plain_text import printable
from portal.typed import CodeField

LEVELS = {
    AccessLevel.ADMIN: "Admin: everything",
    AccessLevel.MANAGER: "Manager: sees their own reports",
    AccessLevel.EMPLOYEE: "Employee: sees only their own record",
}


class LevelForm(FlaskForm):
    name = StringField("Name", filters=[printable], validators=[Length(max=200)])
    access_level = SelectField("Access level")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.access_level.choices = [(str(level), words) for level, words in LEVELS.items()]


class SignInForm(FlaskForm):
    email = EmailField("Email", validators=[InputRequired("Enter your email address.")])
    password = PasswordField("Password", validators=[InputRequired("Enter your password.")])
    next = HiddenField()


class CodeForm(FlaskForm):
    code = CodeField(
        "Code", validators=[InputRequired("Enter the code."), Length(max=60, message="That is not a code.")]
    )


class AskPasswordForm(FlaskForm):
    password = PasswordField("Password", validators=[InputRequired("Enter your password.")])
    next = HiddenField()


class ConfirmForm(FlaskForm):
    """The password, asked for in the middle of something else: it goes along when that form is sent once more."""

    NAME = "confirm_password"
    confirm_password = PasswordField("Password")


class ForgotPasswordForm(FlaskForm):
    email = EmailField("Email", validators=[InputRequired("Enter your email address.")])


class NewPasswordForm(FlaskForm):
    password = PasswordField("New password", validators=[InputRequired("Enter a password."), Length(max=LONGEST)])
    again = PasswordField("New password again", validators=[InputRequired("Enter the new password again.")])

    def validate_again(self, again: PasswordField) -> None:
        if again.data != self.password.data:
            raise ValidationError("The two passwords differ.")


class ChangePasswordForm(NewPasswordForm):
    current = PasswordField("Current password", validators=[InputRequired("Enter your current password.")])


class InviteForm(LevelForm):
    email = EmailField("Email", validators=[InputRequired("Enter an email address."), Length(max=254)])


class UserForm(LevelForm):
    pass
