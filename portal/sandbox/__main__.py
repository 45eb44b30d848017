from portal.sandbox.cli import sandbox

sandbox()
