"""What moderators make of replies: record to verdict, verdict to test case.

    queue       records -> the ones to look at next
    verdicts    a judgement, checked and written down, never overwritten
    cases       verdict and record -> a case, cases -> a folder that `chatbot eval domain` runs
    access      who may judge: accounts, passwords, tries

These steps do not import one another. They stand on `values`, which imports no step. Records and the place where
verdicts and accounts are kept come from the caller (`values.Reviewable`, `values.Notebook`), so that this room knows
no log.
"""
