"""The verbs of one kind of work, and who hears of their ends. Each subject registers its own; the engine asks here."""

from collections import defaultdict
from collections.abc import Callable
from typing import Generic, TypeVar

from portal.carrying.models import State, Task
from portal.carrying.work import VerbPlan

T = TypeVar("T", bound=Task)
ANY = ""


class Registry(Generic[T]):
    """words: is given what each verb does in words, by its name."""

    def __init__(self, words: dict[str, str]):
        self.plans: dict[str, VerbPlan] = {}
        self._words = words
        self._listeners: dict[tuple[str, State], list[Callable[[T], None]]] = defaultdict(list)
        self._followers: dict[str, list[Callable[[T], list[int]]]] = defaultdict(list)

    def register(self, verb: str, plan: VerbPlan) -> None:
        """Make a verb known, once. Raises ValueError for one that is known already."""
        if verb in self.plans:
            raise ValueError(f"the verb {verb!r} is registered twice")
        self.plans[verb] = plan
        self._words[verb] = plan.words

    def verbs(self) -> list[str]:
        """Every verb there is."""
        return list(self.plans)

    def plan_of(self, task: T) -> VerbPlan:
        """The verb of the task. Raises LookupError for one that this version of the portal does not know."""
        return self.plans[task.verb]

    def step_titles(self, task: T) -> dict[str, str]:
        """What each step of the task does, in words, by its name in the journal."""
        return {step.name: step.title for step in self.plan_of(task).all_steps(task)}

    def when_ended(
        self, *verbs: str, state: State = State.DONE
    ) -> Callable[[Callable[[T], None]], Callable[[T], None]]:
        """Marks what is to hold once a task of these verbs (of any, when none is named) ends in this state.

        It is called in the transaction that writes the end down, so it makes no remote call.
        """

        def mark(listener: Callable[[T], None]) -> Callable[[T], None]:
            for verb in verbs or (ANY,):
                self._listeners[verb, state].append(listener)
            return listener

        return mark

    def settle(self, task: T) -> None:
        """Call each listener to this end, those to any verb first."""
        for verb in (ANY, task.verb):
            for listener in self._listeners[verb, State(task.state)]:
                listener(task)

    def after(self, *verbs: str) -> Callable[[Callable[[T], list[int]]], Callable[[T], list[int]]]:
        """Marks what follows at once when a task of these verbs (of any, when none is named) is done.

        It is called after the end is written down, so it may be lost in a crash: a sweep has to find the same. It
        returns the ids of further tasks to carry out.
        """

        def mark(follower: Callable[[T], list[int]]) -> Callable[[T], list[int]]:
            for verb in verbs or (ANY,):
                self._followers[verb].append(follower)
            return follower

        return mark

    def follow(self, task: T) -> list[int]:
        """Do what follows now that the task is done; the ids of further tasks to carry out."""
        if task.state != State.DONE:
            return []
        followers = [*self._followers[ANY], *self._followers[task.verb]]
        return [task_id for follower in followers for task_id in follower(task)]
