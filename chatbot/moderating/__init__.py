"""The moderators' desk without its pages: log, review room and documents put together for whoever reviews.

    values      what the desk shows and what is done at it
    texts       documents and threshold of a generation
    room        what every part works with, and the note of who did what
    queueing    the queue, and who takes which record
    candidates  every sentence that was looked at, and why it was shown or not
    looking     one record
    acting      verdicts and what follows from them
    carrying    out of the log and into it; pinning: into a corpus
    figures     the dashboard
    desk        `Moderation`: all of it by name

Stands above `pipeline` and below `web` and `commands`, which both use it, so that the command and the pages do the same.
"""
