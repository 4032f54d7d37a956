"""Reference lists: printed entries -> records, in-text citations -> entries, differences from a record, and citation styles."""
