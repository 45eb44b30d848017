"""Google Workspace."""

from portal.connectors.google_workspace.service import GoogleWorkspace

__all__ = ["GoogleWorkspace"]
