"""The maintainer's errands outward: fetching sources, watching how they stand, reading foreign files apart, founding a corpus."""
