"""The Add-ons pages: connecting an application, its settings, and disconnecting it."""
