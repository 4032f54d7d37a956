"""The way outward: which addresses may be asked, one connection, and the fetcher's manners."""
