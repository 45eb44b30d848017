from tests.sandbox.fixtures import caller, sandbox, someone

__all__ = ["caller", "sandbox", "someone"]
