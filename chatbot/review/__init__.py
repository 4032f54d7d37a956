"""What moderators make of replies: record to verdict, verdict to test case.

    queue       what is worth seeing first, and why
    verdicts    a judgement of a reply and its quotes, checked and written down, never overwritten
    sampling    which records are judged twice; agreement: how far the two agree
    making      a test case made by hand; cases: those and verdicts -> a folder that `chatbot eval domain` runs
    proposals   pins and bans, proposed and decided; gaps: what no source tells
    statistics  shares with intervals
    importing   verdicts from a file
    access      who may judge: accounts, passwords, tries

These steps do not import one another. They stand on `values`, which imports no step. Records and the place where
verdicts and accounts are kept come from the caller (`values.Reviewable`, `values.Notebook`), so that this room knows
no log.
"""
