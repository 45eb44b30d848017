"""The verbs about accounts, and who hears of their ends. Each subject registers its own; the engine asks here only.

registry.register(Verb.RESEND, VerbPlan("resend login information", (CHECK, SET_PASSWORD, HAND_OVER)))

@registry.when_ended(Verb.UNLINK, state=State.DONE)
def forget(operation): ...
"""

from portal.carrying.registry import Registry
from portal.operations.models import WORDS, Operation

OPERATIONS = Registry[Operation](WORDS)
_verbs = OPERATIONS.plans
register, verbs, plan_of, step_titles = (
    OPERATIONS.register, OPERATIONS.verbs, OPERATIONS.plan_of, OPERATIONS.step_titles,
)  # fmt: skip
when_ended, settle, after, follow = OPERATIONS.when_ended, OPERATIONS.settle, OPERATIONS.after, OPERATIONS.follow
