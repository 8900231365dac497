"""The answer to one question: whether a model descends from another one, and how sure that is.

`modelkin check` and `export bom` read it for one model, the report's pages for all; the sentence is made here alone.
"""
