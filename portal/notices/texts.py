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
    (Kind.RENAMED, "fr"): Text(
        "Votre nouveau nom d’utilisateur chez {organisation}",
        """Bonjour {name},

{organisation} a modifié le nom d’utilisateur de votre compte {service}.

  Se connecter sur :            {sign_in_url}
  Nouveau nom d’utilisateur :   {username}
  Ancien nom d’utilisateur :    {old}

Votre mot de passe reste le même. {alias}

Si vous n’attendiez pas ce message, prévenez le service des ressources humaines de {organisation}.
""",
    ),
    (Kind.RENAMED, "es"): Text(
        "Su nuevo nombre de usuario en {organisation}",
        """Hola, {name}:

{organisation} ha cambiado el nombre de usuario de su cuenta de {service}.

  Iniciar sesión en:           {sign_in_url}
  Nuevo nombre de usuario:     {username}
  Nombre de usuario anterior:  {old}

Su contraseña no cambia. {alias}

Si no esperaba este mensaje, avise al departamento de Recursos Humanos de {organisation}.
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
    (Kind.WELCOME, "fr"): Text(
        "Bienvenue chez {organisation}",
        """Bonjour {name},

{organisation} se réjouit de vous accueillir le {first_day}.

Votre compte {service} est prêt.

  Se connecter sur :   {sign_in_url}
  Nom d’utilisateur :  {username}

Un autre message vous indiquera comment vous connecter la première fois.

Si vous n’attendiez pas ce message, prévenez le service des ressources humaines de {organisation}.
""",
    ),
    (Kind.WELCOME, "es"): Text(
        "Le damos la bienvenida a {organisation}",
        """Hola, {name}:

En {organisation} esperamos con ilusión su primer día, el {first_day}.

Su cuenta de {service} está lista.

  Iniciar sesión en:  {sign_in_url}
  Nombre de usuario:  {username}

En otro mensaje le indicaremos cómo iniciar sesión la primera vez.

Si no esperaba este mensaje, avise al departamento de Recursos Humanos de {organisation}.
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
    (Kind.MANAGER, "fr"): Text(
        "{name} : arrivée le {first_day}",
        """Bonjour {manager},

{name} rejoint votre équipe le {first_day}.

  Poste :      {job_title}
  {service} :  {username}

La connexion sera possible dès le matin de son arrivée.

Si vous n’attendiez pas ce message, prévenez le service des ressources humaines de {organisation}.
""",
    ),
    (Kind.MANAGER, "es"): Text(
        "{name} se incorpora el {first_day}",
        """Hola, {manager}:

{name} se incorpora a su equipo el {first_day}.

  Puesto:     {job_title}
  {service}:  {username}

Podrá iniciar sesión desde esa misma mañana.

Si no esperaba este mensaje, avise al departamento de Recursos Humanos de {organisation}.
""",
    ),
}
# Said of the old username, where the application keeps it as another address, and where it does not.
ALIAS = {
    ("en", True): "Email to the old address still reaches you.",
    ("en", False): "Tell people the new address: the old one may not reach you any more.",
    ("de", True): "Nachrichten an die alte Adresse erreichen Sie weiterhin.",
    ("de", False): "Geben Sie die neue Adresse weiter: Die alte erreicht Sie vielleicht nicht mehr.",
    ("fr", True): "Les messages envoyés à l’ancienne adresse vous parviennent toujours.",
    ("fr", False): "Communiquez votre nouvelle adresse : l’ancienne risque de ne plus fonctionner.",
    ("es", True): "Los mensajes enviados a la dirección anterior le siguen llegando.",
    ("es", False): "Comunique su nueva dirección: es posible que la anterior ya no funcione.",
}
