from tests.sandbox.fixtures import call, caller, sandbox, someone

__all__ = ["call", "caller", "sandbox", "someone"]
