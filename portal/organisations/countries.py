"""The countries of the world, by their two-letter codes."""

import re
from functools import cache

from babel import Locale

from portal.languages import country

# Codes of CLDR that are a union, a placeholder, or a test.
NO_COUNTRY = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})


@cache
def countries() -> dict[str, str]:
    """Country code to its name, in the order of the English names."""
    named = Locale("en", "GB").territories.items()
    known = ((code, name) for code, name in named if re.fullmatch("[A-Z]{2}", code) and code not in NO_COUNTRY)
    return {code: country(code) for code, name in sorted(known, key=lambda pair: pair[1])}
