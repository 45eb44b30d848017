"""What it has done and what waits, for Prometheus. Every process says the same.

The database says what waits. The processes of one `portal serve` count together what was done, in files of a folder:
https://prometheus.github.io/client_python/multiprocess/
"""

import os
import secrets
import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask import Flask, Response, abort, g, request
from peewee import fn
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from portal.access import public
from portal.audit import AuditEntry
from portal.config import settings
from portal.connections.models import Connection
from portal.connectors.http import is_loopback
from portal.database import now
from portal.feeds.models import Feed
from portal.hand_over.models import LoginMail, MailState
from portal.operations.models import OPEN, Operation
from portal.runs.models import Run, RunState
from portal.siem.models import Target
from portal.webhooks.models import Delivery, Receiver
from portal.webhooks.models import State as DeliveryState
from portal.worker import queue

# prometheus_client itself reads it, when it is imported.
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
REQUESTS = Counter("portal_requests", "Requests answered", ["method", "status"])
SECONDS = Histogram("portal_request_seconds", "How long the answers took, by endpoint", ["endpoint"])


class Waiting(Collector):
    """What waits for a worker, and how long ago the oldest of it was due."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        operations = Operation.select(Operation.state, fn.COUNT(Operation.id)).where(Operation.state.in_(OPEN))
        yield _by("portal_operations", "Operations that are open", "state", operations.group_by(Operation.state))
        due = Operation.select(fn.MIN(Operation.not_before)).where(Operation.state.in_(OPEN))
        yield _age("portal_operation_overdue_seconds", "Seconds since the oldest open operation was due", due)
        mails = LoginMail.select(fn.MIN(LoginMail.send_at)).where(LoginMail.state == MailState.SCHEDULED)
        yield _age("portal_mail_overdue_seconds", "Seconds since the oldest waiting mail was due", mails)
        failed = LoginMail.select().where(LoginMail.state == MailState.FAILED).count()
        yield GaugeMetricFamily("portal_mails_failed", "Mails that could not be sent", value=failed)
        unknown = LoginMail.select().where(LoginMail.state == MailState.UNKNOWN).count()
        yield GaugeMetricFamily("portal_mails_unconfirmed", "Mails that may have been sent", value=unknown)
        runs = Run.select(Run.state, fn.COUNT(Run.id)).where(Run.state.in_((RunState.PLANNING, RunState.RUNNING)))
        yield _by("portal_runs", "Bulk actions that are planned or carried out", "state", runs.group_by(Run.state))
        last: Any = fn.MIN(fn.COALESCE(Connection.synced_at, Connection.connected_at))
        last = last.python_value(Connection.synced_at.python_value)
        read = Connection.select(last).where(Connection.disconnected_at.is_null())
        yield _age(
            "portal_changes_read_seconds", "Seconds since the changes of a tenant were last read, the longest", read
        )
        messages = Delivery.select(fn.MIN(Delivery.not_before)).join(Receiver)
        messages = messages.where(Delivery.state == DeliveryState.WAITING, Receiver.paused_at.is_null())
        yield _age(
            "portal_webhook_oldest_seconds", "Seconds since the oldest message to another system was due", messages
        )
        behind = Target.select(fn.MIN(AuditEntry.at)).join(
            AuditEntry, on=(AuditEntry.organisation == Target.organisation) & (AuditEntry.number > Target.mark)
        )
        behind = behind.where(Target.paused_at.is_null())
        yield _age("portal_audit_export_lag_seconds", "Seconds since the oldest line that a SIEM lacks", behind)
        yield from _feeds()
        yield GaugeMetricFamily("portal_jobs", "Jobs in the queue", value=queue.pending_count())


def _feeds() -> Iterator[GaugeMetricFamily]:
    family = GaugeMetricFamily(
        "portal_feed_last_success_seconds", "Seconds since a feed was last read well, the longest", labels=["kind"]
    )
    last: Any = fn.MIN(fn.COALESCE(Feed.last_good_at, Feed.made_at))
    rows = Feed.select(Feed.kind, last.python_value(Feed.made_at.python_value)).where(Feed.paused_at.is_null())
    for kind, since in rows.group_by(Feed.kind).tuples():
        family.add_metric([kind], max(0.0, (now() - since).total_seconds()))
    yield family


def _by(name: str, words: str, label: str, query: Any) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, words, labels=[label])
    for value, count in query.tuples():
        family.add_metric([value], count)
    return family


def _age(name: str, words: str, query: Any) -> GaugeMetricFamily:
    since: datetime | None = query.scalar()
    return GaugeMetricFamily(name, words, value=max(0.0, (now() - since).total_seconds()) if since else 0.0)


@public
def metrics() -> Response:
    """For requests with the token; without one, for this machine alone."""
    token = settings().metrics_token.get_secret_value()
    sent = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not (secrets.compare_digest(sent.encode(), token.encode()) if token else _is_this_machine()):
        abort(404)
    waiting = CollectorRegistry()
    waiting.register(Waiting())
    return Response(generate_latest(_counted()) + generate_latest(waiting), content_type=CONTENT_TYPE_LATEST)


def _counted() -> CollectorRegistry:
    """What all processes of this server have counted, or this one where it is alone."""
    if FOLDER not in os.environ:
        return REGISTRY
    together = CollectorRegistry()
    MultiProcessCollector(together)
    return together


def _is_this_machine() -> bool:
    return is_loopback(f"http://{request.remote_addr}") and not request.headers.get("X-Forwarded-For")


def init_app(app: Flask, settings: Any) -> None:
    app.add_url_rule("/metrics", "metrics", metrics)

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def count(response: Response) -> Response:
        REQUESTS.labels(request.method, response.status_code).inc()
        if request.endpoint and "began" in g:
            SECONDS.labels(request.endpoint).observe(time.perf_counter() - g.began)
        return response
