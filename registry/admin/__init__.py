"""The registry's records under /admin/: all to be looked at, none to be edited.

What is changed is changed by the pages and commands, which keep the history.
"""

from registry.admin import learning, retraining, versions
from registry.admin.read_only import ReadOnly

__all__ = ["ReadOnly", "learning", "retraining", "versions"]
