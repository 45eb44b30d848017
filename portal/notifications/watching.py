"""Looks for what nobody does but time brings: sign-ins that end, seats that run short, steps that are late."""

from collections.abc import Iterator
from datetime import timedelta

from portal import happenings
from portal.calendar_page.queries import HUMAN
from portal.connections.doctor import expiry
from portal.connections.models import Connection
from portal.connectors import SERVICES
from portal.database import now, transaction
from portal.day_one.forecast import forecast
from portal.notifications.models import Told
from portal.organisations.models import Organisation
from portal.organisations.plans import Feature
from portal.people.searching import Reach, Sight
from portal.timelines.carrying import LATE
from portal.timelines.catalogue import label_of
from portal.timelines.models import PlannedStep, StepState

DAYS_BEFORE = (30, 7, 1)
SHORT_WITHIN = timedelta(days=30)
# What was late long ago is no news.
LATELY = timedelta(days=2)
MOST_STEPS = 200
UNDONE = (StepState.PLANNED, StepState.FAILED, StepState.ASKS)


def watch(organisation: Organisation) -> None:
    """Tell of what is new, each once."""
    if not organisation.has(Feature.ACCOUNT_PROVISIONING):
        return
    found = [*_steps(organisation)]
    for connection in Connection.all_live_of(organisation):
        found += [*_expiring(connection), *_short(organisation, connection)]
    for key, value, kind, data in found:
        with transaction():
            if Told.is_news(organisation, key, value):
                happenings.tell(organisation.id, kind, **data)


News = tuple[str, str, str, dict[str, object]]


def _expiring(connection: Connection) -> Iterator[News]:
    ends = expiry(SERVICES[connection.service])
    if ends is None or ends.days is None or ends.days > max(DAYS_BEFORE):
        return
    stage = min(days for days in DAYS_BEFORE if ends.days <= days)
    data = {"application": connection.service, "days": ends.days, "page": f"/settings/add-ons/{connection.service}"}
    yield f"expiring {connection.id}", f"{stage} {ends.ends:%Y-%m-%d}", "connection.expiring", data


def _short(organisation: Organisation, connection: Connection) -> Iterator[News]:
    for outlook in forecast(Sight(Reach.ALL, organisation.id), connection, today=organisation.today).outlooks:
        if outlook.short is not None and outlook.short.day <= organisation.today + SHORT_WITHIN:
            data: dict[str, object] = {
                "application": connection.service, "licence": outlook.name, "missing": -outlook.lowest,
                "from": outlook.short.day.isoformat(), "page": "/provisioning/day-one",
            }  # fmt: skip
            yield f"short {connection.id} {outlook.name}"[:120], outlook.short.day.isoformat(), "licence.short", data


def _steps(organisation: Organisation) -> Iterator[News]:
    moment = now()
    late = PlannedStep.select().where(
        PlannedStep.organisation == organisation, PlannedStep.state.in_(UNDONE), PlannedStep.key.not_in(HUMAN),
        PlannedStep.due_at.between(moment - LATELY, moment - LATE),
    )  # fmt: skip
    for step in late.order_by(PlannedStep.due_at).limit(MOST_STEPS):
        data: dict[str, object] = {
            "employee_id": step.employee_id, "step": label_of(step),
            "timeline": step.itinerary.kind, "page": f"/people/employees/{step.employee_id}/timeline",
        }  # fmt: skip
        yield f"late {step.id}", step.due_at.isoformat(), "plan_step.late", data
