"""The part of the runtime that a cell does not see: its frames are left out of tracebacks."""
