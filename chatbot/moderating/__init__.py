"""The moderators' desk without its pages: log, review room and documents put together for whoever reviews.

    values    what the desk shows and what is done at it
    desk      `Moderation`: the queue, one record, verdicts and what follows from them, lists, dashboard

Stands above `pipeline` and below `web` and `commands`, which both use it, so that the command and the pages do the same.
"""
