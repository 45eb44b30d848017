"""Microsoft 365: accounts are users of a Microsoft Entra tenant, reached through Microsoft Graph."""

from portal.connectors.microsoft365.service import Microsoft365

__all__ = ["Microsoft365"]
