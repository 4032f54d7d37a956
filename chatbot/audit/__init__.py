"""The claim audit: the article's claims beside the closest words of the sources that they lean on, and who signed them."""
