"""The moderators' desk at /review: pages made on the server, plain forms, and one small script that no page needs.

    listed      its addresses with methods and rates, for the guard and the routes alike
    sessions    who is signed in, and what the desk remembers of their work
    proofs      what shows that a form is ours: origin, tokens
    forms       a body as fields, fields as values of the review room
    visits      one request and its answer, as values
    serving     a request to a page: session, account, proof, then the page's function in a thread
    signing     the sign-in page
    frame       what every page has around it
    queue, lists, charts (plots)                        the pages
    record (reply, looked, beside, effects), making     one record, and what becomes of its forms
    words       what the log and the review room name in one word, for people

Whatever is shown or done comes from `needs.Moderating`; no page reads a log. Every text that a person typed passes through
`markup.text`, and none of it goes into an address.
"""
