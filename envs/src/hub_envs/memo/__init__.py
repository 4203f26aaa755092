"""Memo: short forms that can only be filled in by who remembers."""
