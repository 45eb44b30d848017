"""What the portal says, in the language of its reader: sentences, their catalogues, and whose language it is.

Text in English is marked where it is written: `_("Save")` in Python and in templates, `{% trans %}` where a sentence of
a template holds markup or counts something. docs/languages.md says how, and how a language is added.
"""

from portal.languages.catalogues import LANGUAGES, catalogue, locale_of
from portal.languages.formats import (
    city,
    clock,
    country,
    day,
    full_day,
    long_day,
    moment,
    month_and_day,
    number,
    short_day,
    short_weekday,
    tenths,
    weekday,
)
from portal.languages.reading import ENGLISH, current, speaking, spoken_by
from portal.languages.sentences import (
    Said,
    Sentence,
    begun,
    gettext,
    in_language,
    joined,
    listed,
    ngettext,
    npgettext,
    pgettext,
    read,
    shortened,
    stored,
)

# For text that is translated where it is shown, and must be found here by those who collect it: choices, say.
N_ = str

__all__ = [
    "ENGLISH", "LANGUAGES", "N_", "Said", "Sentence", "begun", "catalogue", "city", "clock", "country", "current",
    "day", "full_day", "gettext", "in_language", "joined", "listed", "locale_of", "long_day", "moment",
    "month_and_day", "ngettext", "npgettext", "number", "pgettext", "read", "short_day", "short_weekday",
    "shortened", "speaking", "spoken_by", "stored", "tenths", "weekday",
]  # fmt: skip
