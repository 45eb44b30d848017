"""The emails with login information as they are until an organisation changes them, in each language."""

import re
from dataclasses import dataclass

LANGUAGES = ("en", "de", "fr", "es")
# What is added to a language for the text of Resend.
AGAIN = "-again"


@dataclass(frozen=True)
class Text:
    """Subject and body of the mail in one language."""

    subject: str
    body: str


DEFAULTS = {
    "en": Text(
        "Your {service} account at {organisation}",
        """Hello {first_name},

{organisation} has opened a {service} account for you.

  Sign in at:          {sign_in_url}
  Username:            {username}
  Temporary password:  {password}

You will be asked to choose a password of your own when you first sign in.

If you did not expect this email, tell the HR team of {organisation}.
""",
    ),
    "de": Text(
        "Ihr {service}-Konto bei {organisation}",
        """Guten Tag {name},

{organisation} hat für Sie ein {service}-Konto eingerichtet.

  Anmelden unter:          {sign_in_url}
  Benutzername:            {username}
  Vorläufiges Kennwort:    {password}

Bei der ersten Anmeldung werden Sie gebeten, ein eigenes Kennwort zu wählen.

Falls Sie diese Nachricht nicht erwartet haben, wenden Sie sich bitte an die Personalabteilung von {organisation}.
""",
    ),
    "fr": Text(
        "Votre compte {service} chez {organisation}",
        """Bonjour {name},

{organisation} vous a ouvert un compte {service}.

  Se connecter sur :         {sign_in_url}
  Nom d’utilisateur :        {username}
  Mot de passe provisoire :  {password}

Lors de votre première connexion, il vous sera demandé de choisir votre propre mot de passe.

Si vous n’attendiez pas ce message, prévenez le service des ressources humaines de {organisation}.
""",
    ),
    "es": Text(
        "Su cuenta de {service} en {organisation}",
        """Hola, {name}:

{organisation} ha creado una cuenta de {service} para usted.

  Iniciar sesión en:       {sign_in_url}
  Nombre de usuario:       {username}
  Contraseña provisional:  {password}

La primera vez que inicie sesión, se le pedirá que elija su propia contraseña.

Si no esperaba este mensaje, avise al departamento de Recursos Humanos de {organisation}.
""",
    ),
}
OPENING = {
    "en": "{organisation} has opened a {service} account for you.",
    "de": "{organisation} hat für Sie ein {service}-Konto eingerichtet.",
    "fr": "{organisation} vous a ouvert un compte {service}.",
    "es": "{organisation} ha creado una cuenta de {service} para usted.",
}
OPENING_AGAIN = {
    "en": "Here is a new temporary password for your {service} account. The earlier one no longer works.",
    "de": "Hier ist ein neues vorläufiges Kennwort für Ihr {service}-Konto. Das bisherige gilt nicht mehr.",
    "fr": "Voici un nouveau mot de passe provisoire pour votre compte {service}. L’ancien n’est plus valable.",
    "es": "Esta es una nueva contraseña provisional para su cuenta de {service}. La anterior ya no es válida.",
}
DEFAULTS |= {
    f"{language}{AGAIN}": Text(
        DEFAULTS[language].subject, DEFAULTS[language].body.replace(OPENING[language], OPENING_AGAIN[language])
    )
    for language in LANGUAGES
}
# For people who sign in through another identity provider: an organisation's own text always has a password in it.
WITHOUT_PASSWORD = {
    "en": Text(
        DEFAULTS["en"].subject,
        """Hello {first_name},

{organisation} has opened a {service} account for you.

  Sign in at:  {sign_in_url}
  Username:    {username}

You need no new password: sign in as you do for the other applications of {organisation}.

If you did not expect this email, tell the HR team of {organisation}.
""",
    ),
    "de": Text(
        DEFAULTS["de"].subject,
        """Guten Tag {name},

{organisation} hat für Sie ein {service}-Konto eingerichtet.

  Anmelden unter:  {sign_in_url}
  Benutzername:    {username}

Sie brauchen kein neues Kennwort: Melden Sie sich an wie bei den anderen Anwendungen von {organisation}.

Falls Sie diese Nachricht nicht erwartet haben, wenden Sie sich bitte an die Personalabteilung von {organisation}.
""",
    ),
    "fr": Text(
        DEFAULTS["fr"].subject,
        """Bonjour {name},

{organisation} vous a ouvert un compte {service}.

  Se connecter sur :   {sign_in_url}
  Nom d’utilisateur :  {username}

Aucun nouveau mot de passe n’est nécessaire : connectez-vous comme pour les autres applications de {organisation}.

Si vous n’attendiez pas ce message, prévenez le service des ressources humaines de {organisation}.
""",
    ),
    "es": Text(
        DEFAULTS["es"].subject,
        """Hola, {name}:

{organisation} ha creado una cuenta de {service} para usted.

  Iniciar sesión en:  {sign_in_url}
  Nombre de usuario:  {username}

No necesita una contraseña nueva: inicie sesión como en las demás aplicaciones de {organisation}.

Si no esperaba este mensaje, avise al departamento de Recursos Humanos de {organisation}.
""",
    ),
}
# Added to a language for the text about a pass, which is always behind a link. Nobody changes it.
PASS = "-pass"  # noqa: S105 - a kind
DEFAULTS |= {
    f"en{PASS}": Text(
        "Your {service} account at {organisation}",
        """Hello {first_name},

{organisation} has a pass for your {service} account. You sign in with it the first time, in place of a password.

  Sign in at:       {sign_in_url}
  Username:         {username}
  See your pass:    {password}

Once you are signed in, set up how you sign in from then on: follow the pages that ask for it.

If you did not expect this email, tell the HR team of {organisation}.
""",
    ),
    f"de{PASS}": Text(
        "Ihr {service}-Konto bei {organisation}",
        """Guten Tag {name},

{organisation} hat einen Zugriffspass für Ihr {service}-Konto.
Damit melden Sie sich das erste Mal an, statt mit einem Kennwort.

  Anmelden unter:           {sign_in_url}
  Benutzername:             {username}
  Zugriffspass ansehen:     {password}

Richten Sie danach ein, wie Sie sich künftig anmelden: Die Seiten führen Sie dahin.

Falls Sie diese Nachricht nicht erwartet haben, wenden Sie sich bitte an die Personalabteilung von {organisation}.
""",
    ),
    f"fr{PASS}": Text(
        "Votre compte {service} chez {organisation}",
        """Bonjour {name},

{organisation} vous remet un passe d’accès temporaire pour votre compte {service}.
Il remplace le mot de passe lors de votre première connexion.

  Se connecter sur :   {sign_in_url}
  Nom d’utilisateur :  {username}
  Voir votre passe :   {password}

Une fois la connexion établie, suivez les pages affichées pour définir votre mode de connexion habituel.

Si vous n’attendiez pas ce message, prévenez le service des ressources humaines de {organisation}.
""",
    ),
    f"es{PASS}": Text(
        "Su cuenta de {service} en {organisation}",
        """Hola, {name}:

{organisation} le facilita un pase de acceso temporal para su cuenta de {service}.
Con él iniciará sesión la primera vez, en lugar de una contraseña.

  Iniciar sesión en:  {sign_in_url}
  Nombre de usuario:  {username}
  Ver su pase:        {password}

Después, siga las páginas que aparecerán para elegir cómo iniciará sesión a partir de entonces.

Si no esperaba este mensaje, avise al departamento de Recursos Humanos de {organisation}.
""",
    ),
}
# What replaces the password when it is behind a link; and the words before the link.
SHOWN_ONCE = {
    "en": "{link}\n  It opens once, until {until}.",
    "de": "{link}\n  Der Link lässt sich einmal öffnen, bis zum {until}.",
    "fr": "{link}\n  Le lien ne s’ouvre qu’une seule fois, jusqu’au {until}.",
    "es": "{link}\n  El enlace solo se abre una vez, hasta el {until}.",
}
BEFORE_LINK = (
    (re.compile(r"Temporary password:(?= *\{password\})"), "See your temporary password:"),
    (re.compile(r"Vorläufiges Kennwort:(?= *\{password\})"), "Vorläufiges Kennwort ansehen:"),
    (re.compile(r"Mot de passe provisoire\s?:(?= *\{password\})"), "Voir votre mot de passe provisoire :"),
    (re.compile(r"Contraseña provisional:(?= *\{password\})"), "Ver su contraseña provisional:"),
)
