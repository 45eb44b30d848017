"""The verbs there are, and who hears of their ends. Each subject registers its own; the engine asks here and only here.

registry.register(Verb.RESEND, VerbPlan("resend login information", (CHECK, SET_PASSWORD, HAND_OVER)))

@registry.when_ended(Verb.UNLINK, state=State.DONE)
def forget(operation): ...
"""

from collections import defaultdict
from collections.abc import Callable

from portal.operations.models import WORDS, Operation, State
from portal.operations.work import VerbPlan

Listener = Callable[[Operation], None]
Follower = Callable[[Operation], list[int]]

_verbs: dict[str, VerbPlan] = {}
_listeners: dict[tuple[str, State], list[Listener]] = defaultdict(list)
_followers: dict[str, list[Follower]] = defaultdict(list)
ANY = ""


def register(verb: str, plan: VerbPlan) -> None:
    """Make a verb known, once. Raises ValueError for one that is known already."""
    if verb in _verbs:
        raise ValueError(f"the verb {verb!r} is registered twice")
    _verbs[verb] = plan
    WORDS[verb] = plan.words


def verbs() -> list[str]:
    """Every verb there is."""
    return list(_verbs)


def plan_of(operation: Operation) -> VerbPlan:
    """The verb of the operation. Raises LookupError for one that this version of the portal does not know."""
    return _verbs[operation.verb]


def step_titles(operation: Operation) -> dict[str, str]:
    """What each step of the operation does, in words, by its name in the journal."""
    return {step.name: step.title for step in plan_of(operation).all_steps(operation)}


def when_ended(*verbs: str, state: State = State.DONE) -> Callable[[Listener], Listener]:
    """Marks what is to hold once an operation of these verbs (of any, when none is named) ends in this state.

    It is called in the transaction that writes the end down, so it makes no remote call.
    """

    def mark(listener: Listener) -> Listener:
        for verb in verbs or (ANY,):
            _listeners[verb, state].append(listener)
        return listener

    return mark


def settle(operation: Operation) -> None:
    """Call each listener to this end, those to any verb first."""
    for verb in (ANY, operation.verb):
        for listener in _listeners[verb, State(operation.state)]:
            listener(operation)


def after(*verbs: str) -> Callable[[Follower], Follower]:
    """Marks what follows at once when an operation of these verbs (of any, when none is named) is done.

    It is called after the end is written down, so it may be lost in a crash: a sweep has to find the same. It returns
    the ids of further operations to carry out.
    """

    def mark(follower: Follower) -> Follower:
        for verb in verbs or (ANY,):
            _followers[verb].append(follower)
        return follower

    return mark


def follow(operation: Operation) -> list[int]:
    """Do what follows now that the operation is done; the ids of further operations to carry out."""
    if operation.state != State.DONE:
        return []
    followers = [*_followers[ANY], *_followers[operation.verb]]
    return [operation_id for follower in followers for operation_id in follower(operation)]
