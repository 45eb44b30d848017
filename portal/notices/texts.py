"""The words of the emails, by kind and language. What is filled in is never read again."""

from portal.mail.texts import Text
from portal.notices.models import Kind

TEXTS: dict[tuple[str, str], Text] = {
    (Kind.RENAMED, "en"): Text(
        "Your new username at {organisation}",
        """Hello {first_name},

{organisation} has changed the username of your {service} account.

  Sign in at:      {sign_in_url}
  New username:    {username}
  Old username:    {old}

Your password stays the same. {alias}

If you did not expect this email, tell the HR team of {organisation}.
""",
    ),
    (Kind.RENAMED, "de"): Text(
        "Ihr neuer Benutzername bei {organisation}",
        """Guten Tag {name},

{organisation} hat den Benutzernamen Ihres {service}-Kontos geändert.

  Anmelden unter:            {sign_in_url}
  Neuer Benutzername:        {username}
  Bisheriger Benutzername:   {old}

Ihr Kennwort bleibt gleich. {alias}

Falls Sie diese Nachricht nicht erwartet haben, wenden Sie sich bitte an die Personalabteilung von {organisation}.
""",
    ),
    (Kind.WELCOME, "en"): Text(
        "Welcome to {organisation}",
        """Hello {first_name},

{organisation} looks forward to your first day, {first_day}.

Your {service} account is ready.

  Sign in at:    {sign_in_url}
  Username:      {username}

What you sign in with the first time comes in an email of its own.

If you did not expect this email, tell the HR team of {organisation}.
""",
    ),
    (Kind.WELCOME, "de"): Text(
        "Willkommen bei {organisation}",
        """Guten Tag {name},

{organisation} freut sich auf Ihren ersten Tag, den {first_day}.

Ihr {service}-Konto ist bereit.

  Anmelden unter:    {sign_in_url}
  Benutzername:      {username}

Womit Sie sich das erste Mal anmelden, steht in einer eigenen Nachricht.

Falls Sie diese Nachricht nicht erwartet haben, wenden Sie sich bitte an die Personalabteilung von {organisation}.
""",
    ),
    (Kind.MANAGER, "en"): Text(
        "{name} starts on {first_day}",
        """Hello {manager},

{name} joins your team on {first_day}.

  Job title:    {job_title}
  {service}:    {username}

{name} can sign in from that morning.

If you did not expect this email, tell the HR team of {organisation}.
""",
    ),
    (Kind.MANAGER, "de"): Text(
        "{name} beginnt am {first_day}",
        """Guten Tag {manager},

{name} kommt am {first_day} in Ihr Team.

  Stelle:       {job_title}
  {service}:    {username}

{name} kann sich ab diesem Morgen anmelden.

Falls Sie diese Nachricht nicht erwartet haben, wenden Sie sich bitte an die Personalabteilung von {organisation}.
""",
    ),
}
# Said of the old username, where the application keeps it as another address, and where it does not.
ALIAS = {
    ("en", True): "Email to the old address still reaches you.",
    ("en", False): "Tell people the new address: the old one may not reach you any more.",
    ("de", True): "Nachrichten an die alte Adresse erreichen Sie weiterhin.",
    ("de", False): "Geben Sie die neue Adresse weiter: Die alte erreicht Sie vielleicht nicht mehr.",
}
