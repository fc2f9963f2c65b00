"""The console: pages to try a method by hand, for whoever builds a flow.

It reads the table of methods, so a new method has its page at once. Admin methods are not offered.
"""

from rules.console.pages import blueprint

__all__ = ["blueprint"]
