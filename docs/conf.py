"""How Sphinx makes a site of the pages in docs/ and at the top: `make docs`."""

project = "Account Portal"
author = "The authors of Account Portal"
extensions = ["myst_parser"]
include_patterns = ["*.md", "docs/*.md", "docs/**/*.md"]
root_doc = "docs/index"
# Links lead to headings, as on a forge.
myst_heading_anchors = 3
html_theme = "furo"
html_title = "Account Portal"
html_favicon = "../static/favicon.svg"
html_copy_source = False
html_show_sphinx = False
# Commands and tables of settings are no code of a language that could be guessed.
highlight_language = "none"
