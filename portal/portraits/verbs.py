"""What setting a picture consists of, and its step in a joiner's timeline."""

from portal.accounts.place import Place
from portal.auth.models import User
from portal.languages import gettext as _
from portal.operations import registry
from portal.operations.models import Operation, State
from portal.operations.requests import Verb
from portal.operations.work import StepPlan, VerbPlan
from portal.organisations.plans import Feature
from portal.portraits import actions, steps
from portal.provisioning.actions import NothingToDo, UnderWay
from portal.provisioning.verbs import CHECK, VERBS
from portal.timelines import catalogue
from portal.timelines.catalogue import NotNeeded, StepKind
from portal.timelines.models import PlannedStep
from portal.timelines.steps import CannotYet

registry.register(
    Verb.PICTURE,
    VerbPlan(
        _("set the picture"),
        (
            CHECK,
            StepPlan("picture before", _("Keep the previous picture"), steps.keep_before, changes=False),
            StepPlan("picture", _("Set the picture"), steps.show_picture),
            StepPlan("read back", _("Read the picture again"), steps.read_back, changes=False),
        ),
        feature=Feature.ACCOUNT_PROVISIONING,
        resume=VERBS[Verb.CREATE].resume,
    ),
)


def start(place: Place, step: PlannedStep, by: "User | str") -> Operation:
    """Raises NotNeeded without a photo, and where the application takes none."""
    try:
        return actions.set_picture(place, by=by)
    except UnderWay:
        raise
    except NothingToDo as problem:
        raise NotNeeded(problem.message) from problem


def undo(step: PlannedStep, by: User) -> str:
    """Put the picture from before back. Raises CannotYet, and what starting an operation raises."""
    if step.connection is None or step.operation is None:
        raise CannotYet(_("The previous picture is not known."), _("Set another one on the card."))
    operation = actions.put_back(Place.of(step.employee, step.connection), step.operation, by=by)
    if operation.state == State.FAILED:
        raise CannotYet(operation.message, operation.next_step)
    if operation.state == State.DONE:
        return _("The previous picture is back.")
    return _("The previous picture comes back.")


def foresee(step: PlannedStep) -> str:
    """What is missing for it by the record."""
    return (
        ""
        if step.employee.photo
        else _("%(name)s has no photo, so this step would be skipped.", name=step.employee.name)
    )


catalogue.register(StepKind("set_picture", start=start, verb=Verb.PICTURE, undo=undo, foresee=foresee))
