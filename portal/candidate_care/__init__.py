"""What candidates hear from an organisation, the page of their own, and how long their data is kept."""
