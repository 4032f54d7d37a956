"""What somebody may see of a record's last verdict: nothing, while they are to give a second one without knowing it."""

from __future__ import annotations

import sqlalchemy as sa

from chatbot.log.database.tables import FACETS

F = FACETS.c


def seen_by(viewer: str) -> sa.ColumnElement[bool]:
    """Whether somebody may see a record's verdict: not, where they are to give a second one without knowing it. "" sees all."""
    return F.due.in_(["", viewer]) if viewer else sa.true()


def label_for(viewer: str) -> sa.ColumnElement[str]:
    """The label of a record's last verdict as somebody may see it, "" for none."""
    return sa.case((seen_by(viewer), F.label), else_="") if viewer else F.label
