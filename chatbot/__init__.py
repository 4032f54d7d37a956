"""Chapter and Verse: a chatbot that answers only in its sources' own words.

The walk of the data is the order of the rooms: `corpus` (files to documents), `index` (documents to a searchable
generation), `answer` (question to reply), `log` (reply to record), `review` (record to verdict), `evaluate` (how good is
it), `web` (what people see). `pipeline` is the only module that knows them all. Importing this package loads no model.
"""

__version__ = "0.1.0"
