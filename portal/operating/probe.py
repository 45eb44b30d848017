"""Asks a running web server how it is."""

import requests

from portal.problems import Problem

# A header with an underscore in its name.
PROBE = "Portal_Probe"
PATIENCE = 4  # seconds; containers are given five


def ask(url: str, ready: bool = False) -> str:
    """One sentence that says the server lives or, with ready, that it can do its work.

    Raises Problem when it does not answer, or answers that it cannot.
    """
    page = f"{url.rstrip('/')}/{'readyz' if ready else 'healthz'}"
    session = requests.Session()
    session.trust_env = False  # no proxy between the server and itself
    try:
        answer = session.get(page, timeout=PATIENCE, allow_redirects=False)
    except requests.RequestException as error:
        raise Problem(f"The web server at {url} does not answer ({type(error).__name__}).") from error
    if answer.status_code != requests.codes.ok:
        raise Problem(f"The web server at {url} answers {answer.status_code}: {answer.text.strip()[:200]}")
    return "The web server is ready." if ready else "The web server lives."


def passes_underscores(url: str) -> bool:
    """Whether a proxy before the web server hands on headers that have an underscore in their name.

    WSGI reads X_Forwarded_For as X-Forwarded-For, so anybody could say with it which address they come from.
    Raises requests.RequestException when nothing answers there.
    """
    answer = requests.get(f"{url.rstrip('/')}/healthz", headers={PROBE: "1"}, timeout=PATIENCE, allow_redirects=False)
    return PROBE.replace("_", "-") in answer.headers
