"""Taking a reply or a conversation along: places in, a file out whose every quote was cut anew from its source."""
