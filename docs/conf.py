"""How Sphinx makes the site of these pages: strictly, and without a network."""

from __future__ import annotations

from requests_cache import __version__

project = "requests-cache-core"
author = "its contributors"
release = version = __version__
language = "en"

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
source_suffix = {".md": "markdown"}
html_theme = "furo"
html_title = project
html_copy_source = False
html_show_sphinx = False

# https://myst-parser.readthedocs.io/en/latest/syntax/optional.html
myst_enable_extensions = ["attrs_inline"]
myst_heading_anchors = 3

# The options of a session are in the text of its constructor.
autoclass_content = "both"
default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_default_options = {"members": True, "show-inheritance": True}
napoleon_numpy_docstring = False
# Types of other libraries have no page here, and none is fetched to look for one.
nitpicky = False
