"""The rows of the answer log, in SQLite or PostgreSQL, and what they are found by. The only package that imports sqlalchemy.

    tables        the tables, for queries
    connecting    a path or URL -> transactions; schema by migrations/, errors as LogErrors
    rows          the chain's rows: sealed, walked, seen at one moment
    keeping       facets kept in step with rows and events, removed with them
    refilling     facets made again
    searching     filters, words, order -> rows
    counting      figures for the dashboard
    likeness      like questions by their vectors
    face          `Database`, which puts these together

Every write is one transaction that holds the chain's head, so that several processes may write: two rows never follow the same row,
and facets never part from rows. What is not told by a method's name stands in `log.chain` and `log.facets`.

Errors are LogError. They name the log and the database's own words, never the values of a row.
"""

from chatbot.log.database.face import Database

__all__ = ["Database"]
