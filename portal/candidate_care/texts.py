"""The words of the messages to candidates, by kind and language. An organisation may change most of them."""

from enum import StrEnum

from portal.languages import gettext as _
from portal.mail.texts import PLACEHOLDER, Text


class Kind(StrEnum):
    """What a message is about."""

    RECEIVED = "received"
    INVITATION = "invitation"
    NOT_TAKEN = "not-taken"
    OFFER = "offer"
    KEEP = "keep"


# The messages whose words an organisation may change: their names for people, and when they go out.
NAMES = {
    Kind.RECEIVED: _("Received"),
    Kind.INVITATION: _("Invitation"),
    Kind.NOT_TAKEN: _("Not taken"),
    Kind.OFFER: _("Offer"),
}
WHEN = {
    Kind.RECEIVED: _("Goes out when somebody sends an application."),
    Kind.INVITATION: _("A text to start from when you write to a candidate."),
    Kind.NOT_TAKEN: _("Goes out when you choose Not taken, unless you untick it."),
    Kind.OFFER: _("A text to start from when you write to a candidate."),
}
# Placeholder -> what it means, in words for people.
PLACEHOLDERS = {
    "name": _("the candidate’s name"),
    "first_name": _("the candidate’s first name"),
    "organisation": _("your organisation’s name"),
    "vacancy": _("the vacancy’s title"),
    "own_page": _("the address of the candidate’s own page"),
}
NEEDED = {Kind.RECEIVED: "own_page"}
SAMPLE = {"name": "Mary O’Brien", "first_name": "Mary", "vacancy": "Nurse"}

DEFAULTS: dict[tuple[str, str], Text] = {
    (Kind.RECEIVED, "en"): Text(
        "Your application to {organisation}: {vacancy}",
        """Hello {name},

thank you for your application for {vacancy}. We will look at it and write to you.

Your own page shows what we hold about you. You can download it there, withdraw, or delete your data:

{own_page}

If you did not apply, open that page and press Delete my data.

{organisation}
""",
    ),
    (Kind.RECEIVED, "de"): Text(
        "Ihre Bewerbung bei {organisation}: {vacancy}",
        """Guten Tag {name},

vielen Dank für Ihre Bewerbung: {vacancy}. Wir sehen sie uns an und melden uns bei Ihnen.

Ihre persönliche Seite zeigt, was wir über Sie gespeichert haben.
Dort können Sie es herunterladen, die Bewerbung zurückziehen oder Ihre Daten löschen:

{own_page}

Falls Sie sich nicht beworben haben, öffnen Sie diese Seite und drücken Sie „Meine Daten löschen“.

{organisation}
""",
    ),
    (Kind.RECEIVED, "fr"): Text(
        "Votre candidature chez {organisation} : {vacancy}",
        """Bonjour {name},

Nous avons bien reçu votre candidature au poste « {vacancy} » et vous en remercions. Nous allons l’étudier et vous
donnerons une réponse.

Votre page personnelle indique les données que nous conservons à votre sujet.
Vous pouvez les y télécharger, retirer votre candidature ou supprimer vos données :

{own_page}

Si vous n’avez pas postulé, ouvrez cette page et cliquez sur « Supprimer mes données ».

{organisation}
""",
    ),
    (Kind.RECEIVED, "es"): Text(
        "Su candidatura en {organisation}: {vacancy}",
        """Hola, {name}:

Gracias por presentar su candidatura al puesto «{vacancy}». La estudiaremos y nos pondremos en contacto con usted.

Su página personal muestra los datos que conservamos sobre usted.
En ella puede descargarlos, retirar su candidatura o eliminar sus datos:

{own_page}

Si no ha presentado ninguna candidatura, abra esa página y pulse «Eliminar mis datos».

{organisation}
""",
    ),
    (Kind.INVITATION, "en"): Text(
        "We would like to meet you: {vacancy}",
        """Hello {name},

thank you for your application for {vacancy}. We would like to talk with you about it.

Please tell us when it suits you in the next two weeks.

{organisation}
""",
    ),
    (Kind.INVITATION, "de"): Text(
        "Wir möchten Sie kennenlernen: {vacancy}",
        """Guten Tag {name},

vielen Dank für Ihre Bewerbung: {vacancy}. Wir möchten gern mit Ihnen darüber sprechen.

Bitte schreiben Sie uns, wann es Ihnen in den nächsten zwei Wochen passt.

{organisation}
""",
    ),
    (Kind.INVITATION, "fr"): Text(
        "Nous aimerions vous rencontrer : {vacancy}",
        """Bonjour {name},

Nous vous remercions de votre candidature au poste « {vacancy} » et aimerions en parler avec vous.

Merci de nous indiquer vos disponibilités dans les deux prochaines semaines.

{organisation}
""",
    ),
    (Kind.INVITATION, "es"): Text(
        "Nos gustaría conocerle: {vacancy}",
        """Hola, {name}:

Gracias por su candidatura al puesto «{vacancy}». Nos gustaría hablar con usted.

Indíquenos, por favor, qué días le vendrían bien en las próximas dos semanas.

{organisation}
""",
    ),
    (Kind.NOT_TAKEN, "en"): Text(
        "Your application to {organisation}: {vacancy}",
        """Hello {name},

thank you for your application for {vacancy}, and for your time. We have chosen other candidates.

We wish you all the best.

{organisation}
""",
    ),
    (Kind.NOT_TAKEN, "de"): Text(
        "Ihre Bewerbung bei {organisation}: {vacancy}",
        """Guten Tag {name},

vielen Dank für Ihre Bewerbung ({vacancy}) und Ihre Zeit. Wir haben uns für andere entschieden.

Wir wünschen Ihnen alles Gute.

{organisation}
""",
    ),
    (Kind.NOT_TAKEN, "fr"): Text(
        "Votre candidature chez {organisation} : {vacancy}",
        """Bonjour {name},

Nous vous remercions de votre candidature au poste « {vacancy} » et du temps que vous y avez consacré.
Nous avons retenu d’autres profils.

Nous vous souhaitons une pleine réussite dans vos projets.

{organisation}
""",
    ),
    (Kind.NOT_TAKEN, "es"): Text(
        "Su candidatura en {organisation}: {vacancy}",
        """Hola, {name}:

Gracias por su candidatura al puesto «{vacancy}» y por el tiempo que nos ha dedicado. Finalmente hemos elegido a otras
personas.

Le deseamos mucha suerte.

{organisation}
""",
    ),
    (Kind.OFFER, "en"): Text(
        "Our offer: {vacancy}",
        """Hello {name},

we would be glad to have you with us as {vacancy}. We will send you the contract in a separate message.

Please tell us if you have any questions.

{organisation}
""",
    ),
    (Kind.OFFER, "de"): Text(
        "Unser Angebot: {vacancy}",
        """Guten Tag {name},

wir würden uns freuen, wenn Sie zu uns kommen: {vacancy}. Den Vertrag senden wir Ihnen mit einer eigenen Nachricht.

Bitte schreiben Sie uns, wenn Sie Fragen haben.

{organisation}
""",
    ),
    (Kind.OFFER, "fr"): Text(
        "Notre proposition : {vacancy}",
        """Bonjour {name},

Nous serions très heureux de vous accueillir parmi nous : {vacancy}. Le contrat vous parviendra dans un message séparé.

N’hésitez pas à nous écrire si vous avez des questions.

{organisation}
""",
    ),
    (Kind.OFFER, "es"): Text(
        "Nuestra oferta: {vacancy}",
        """Hola, {name}:

Nos encantaría contar con usted en nuestro equipo: {vacancy}. Le enviaremos el contrato en otro mensaje.

Si tiene alguna pregunta, escríbanos.

{organisation}
""",
    ),
    (Kind.KEEP, "en"): Text(
        "{organisation} deletes your data on {day}",
        """Hello {name},

you applied to {organisation}. We delete your data on {day}. You need do nothing.

If you want us to keep it for other openings, press Keep on your own page before that day:

{own_page}

{organisation}
""",
    ),
    (Kind.KEEP, "de"): Text(
        "{organisation} löscht Ihre Daten am {day}",
        """Guten Tag {name},

Sie haben sich bei {organisation} beworben. Wir löschen Ihre Daten am {day}. Sie müssen nichts tun.

Wenn wir sie für andere Stellen aufbewahren sollen, drücken Sie vorher auf Ihrer persönlichen Seite
„Weiter aufbewahren“:

{own_page}

{organisation}
""",
    ),
    (Kind.KEEP, "fr"): Text(
        "{organisation} supprimera vos données le {day}",
        """Bonjour {name},

Vous avez postulé chez {organisation}. Nous supprimerons vos données le {day}. Vous n’avez rien à faire.

Si vous souhaitez que nous les conservions pour d’autres postes, cliquez avant cette date sur « Conserver » sur votre
page personnelle :

{own_page}

{organisation}
""",
    ),
    (Kind.KEEP, "es"): Text(
        "{organisation} eliminará sus datos el {day}",
        """Hola, {name}:

Usted presentó su candidatura en {organisation}. Eliminaremos sus datos el {day}. No tiene que hacer nada.

Si desea que los conservemos para otros puestos, pulse antes de ese día «Conservar» en su página personal:

{own_page}

{organisation}
""",
    ),
}  # fmt: skip


def problem_of_subject(subject: str) -> str:
    """Why the subject cannot be used, as a sentence; empty when it can."""
    if not subject.strip():
        return _("Enter a subject.")
    if "\n" in subject or "\r" in subject:
        return _("A subject is one line.")
    if "{own_page}" in subject:
        return _("The address of the candidate’s own page cannot be in the subject: subjects show on locked screens.")
    return _problem_of(subject)


def problem_of_body(kind: Kind, body: str) -> str:
    """Why the text cannot be used, as a sentence; empty when it can."""
    if not body.strip():
        return _("Enter a text.")
    needed = NEEDED.get(kind)
    if needed and f"{{{needed}}}" not in body:
        return _("The text must contain {%(needed)s}: without it nobody can see or delete their data.", needed=needed)
    return _problem_of(body)


def _problem_of(text: str) -> str:
    unknown = [f"{{{name}}}" for name in PLACEHOLDER.findall(text) if name not in PLACEHOLDERS]
    if unknown:
        names = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        return _("%(word)s is not a placeholder. There are %(names)s.", word=unknown[0], names=names)
    return ""
