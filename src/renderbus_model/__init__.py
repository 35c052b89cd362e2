"""The words and rules that are true on either side of the wire: no I/O, no settings, no clock."""
