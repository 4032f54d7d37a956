"""Question to Reply, in this order: `triage` (is this a question to answer at all), `spelling` and `question` (what is asked),
`retrieval` (which sentences may answer), `evidence` (how well each does), `decision` (does any), `quoting` and
`bibliography` (exact words with their citation), `composing` (the reply), `rendering` (its public forms)."""
