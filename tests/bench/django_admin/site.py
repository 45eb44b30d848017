"""Its settings and its server. Users and sessions of its own are in a database beside the portal's."""

import os
import sys
from typing import Any
from urllib.parse import unquote, urlsplit

import django
from django.conf import settings
from django.urls import path

NAME, PASSWORD = "ada", "a long enough password"


class Router:
    """The portal's rows are in the portal's database, what Django itself needs is in its own."""

    def db_for_read(self, model: Any, **_hints: Any) -> str:
        return "portal" if model._meta.app_label == "django_admin" else "default"

    db_for_write = db_for_read

    def allow_migrate(self, db: str, app_label: str, **_hints: Any) -> bool:
        return db == "default"


def _portal(address: str) -> dict[str, Any]:
    if address.startswith("sqlite"):
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": address.removeprefix("sqlite:///")}
    parts = urlsplit(address)
    folder = dict(pair.split("=", 1) for pair in parts.query.split("&") if pair).get("host", parts.hostname)
    return {
        "ENGINE": "django.db.backends.postgresql", "NAME": parts.path[1:], "USER": parts.username,
        "HOST": unquote(folder or ""), "PORT": parts.port or "",
    }  # fmt: skip


def set_up() -> None:
    own = {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["ADMIN_DATABASE"]}
    kept = {"CONN_MAX_AGE": None}
    templates = {
        "BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
        "OPTIONS": {"context_processors": [
            "django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
            "django.contrib.messages.context_processors.messages",
        ]},
    }  # fmt: skip
    parts = ("admin", "auth", "contenttypes", "sessions", "messages", "staticfiles")
    settings.configure(
        SECRET_KEY="not a secret, only for measuring", ALLOWED_HOSTS=["*"], DEBUG=False, USE_TZ=False,
        ROOT_URLCONF=__name__, STATIC_URL="/static/", DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        INSTALLED_APPS=[*(f"django.contrib.{part}" for part in parts), "tests.bench.django_admin"],
        MIDDLEWARE=[
            "django.contrib.sessions.middleware.SessionMiddleware", "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware", "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware", "django.middleware.gzip.GZipMiddleware",
        ],
        TEMPLATES=[templates], DATABASE_ROUTERS=[f"{__name__}.Router"],
        DATABASES={"default": own | kept, "portal": _portal(os.environ["ADMIN_PORTAL_DATABASE"]) | kept},
    )  # fmt: skip
    django.setup()


def create_app() -> Any:
    set_up()
    from django.contrib import admin
    from django.core.wsgi import get_wsgi_application

    urlpatterns.append(path("admin/", admin.site.urls))
    return get_wsgi_application()


def prepare() -> str:
    """Make its own tables and a user; what a browser's cookie would hold then."""
    set_up()
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.auth.models import User
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    user = User.objects.create_superuser(NAME, "ada@acme.example", PASSWORD)
    session = SessionStore()
    session[SESSION_KEY], session[HASH_SESSION_KEY] = str(user.pk), user.get_session_auth_hash()
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session.create()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


urlpatterns: list[Any] = []

if __name__ == "__main__":
    sys.stdout.write(prepare() + "\n")
