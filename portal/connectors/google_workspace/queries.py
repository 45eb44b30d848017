"""Values of a query.

https://developers.google.com/workspace/admin/directory/v1/guides/search-users
"""


def quoted(text: str) -> str:
    """A value of a query; empty for what is nothing."""
    words = " ".join(text.replace("*", " ").split()).replace("\\", "\\\\").replace("'", "\\'")
    return f"'{words}'" if words else ""
