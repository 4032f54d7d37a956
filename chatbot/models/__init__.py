"""The two small models as they are used: `second_stage` reads a question and a sentence together, `triage_model` tells a
person in danger or a request to get a drug from a question. Weights are checked by hash before they are parsed. How they were
made is in `chatbot/training`, what is known of them in MODEL_CARD.md.
"""
