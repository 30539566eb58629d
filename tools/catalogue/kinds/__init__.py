"""The kinds of files that a catalogue is read from, one a module."""
