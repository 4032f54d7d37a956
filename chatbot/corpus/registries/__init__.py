"""What registries say of a work: answers of Crossref and Europe PMC as values, and how a work stands by them."""
