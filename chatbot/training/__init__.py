"""How the two small models and the decision's weights were made. Nothing here runs when a question is answered."""
