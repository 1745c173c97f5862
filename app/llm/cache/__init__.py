"""What was written before and may be served again: inside one workspace, for 48 hours, and only what costs money.

lookup:  same question to the letter  ->  a question that means the same, held to the guards  ->  a model
nearest: a search that was done before for nearly the same words  (knowledge bases)
"""
