"""Documents to a searchable generation on disk: `sentences`, `tokens`, `passages`, `embedding`, `lexical`, `vectors`,
`generations`, in the order in which they are used."""
