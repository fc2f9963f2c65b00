"""The rules telephony flows ask for while a caller is on the line.

Import the topic you need: `rules.dates`, `rules.telecom`, `rules.prefs`, or `rules.methods`
for the whole webhook protocol in one call.
"""

__version__ = "0.1.0"
