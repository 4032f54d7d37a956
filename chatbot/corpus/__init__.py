"""Files to Documents: `manifest` reads sources.toml, `text` reads the files it names, `references` the printed reference
list and in-text citations, `messages` the fixed wording and synonyms, `checking` finds everything that is wrong at once."""
