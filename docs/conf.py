"""How Sphinx builds these pages: MyST for the guides, autodoc for the reference, no network."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

import steep  # noqa: E402

project = "steep"
author = "The steep developers"
copyright = author  # noqa: A001
release = version = steep.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "tools.sphinx_commands",
    "tools.sphinx_docstrings",
    "tools.sphinx_references",
]
exclude_patterns = ["_build"]
nitpicky = True
# Names that annotations give to types of the inside, and types of packages that are optional.
_ALIASES = (
    "Direction Evaluator FrameLibrary FrameRows PairEvaluator Path Target Targets "
    "go.Figure pd.DataFrame"
)
nitpick_ignore = [("py:class", name) for name in _ALIASES.split()]
nitpick_ignore += [("py:data", "DIAGNOSES")]
default_role = "py:obj"

myst_enable_extensions = ["attrs_block", "deflist"]
myst_heading_anchors = 3

# Frameworks that integrations derive from; nobody has all of them.
autodoc_mock_imports = (
    "catboost ignite keras lightgbm lightning mlflow pytorch_lightning skorch tensorboard "
    "tensorflow tf_keras torch transformers wandb xgboost"
).split()
autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented_params"
autodoc_preserve_defaults = True
autodoc_class_signature = "mixed"
napoleon_numpy_docstring = False
napoleon_use_ivar = True
napoleon_use_rtype = False
napoleon_preprocess_types = False
python_use_unqualified_type_names = True
add_module_names = False
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_title = f"steep {release}"
html_copy_source = False
html_show_sourcelink = False
html_static_path = ["_static"]
html_css_files = ["wide.css"]
pygments_dark_style = "a11y-dark"
html_theme_options = {"navigation_with_keys": True}
