"""Characters that nobody sees and that change how others are shown or matched, in texts of strangers.

Control characters but white space, soft hyphens, zero-width spaces, direction marks and overrides, tags, half characters. Joiners are
not among them, for some scripts need them. What it leaves out: letters that look like others.
"""

from __future__ import annotations

import re

UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
