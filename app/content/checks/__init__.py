"""The machine's checks: every verdict on a text that needs no model.

model      what a check sees and what it says          material   the text of one run, taken apart once
kinds      how a kind of check is declared             registry   runs them all; the only entry for others
units, words, figures, moments, links, phrases         how text is measured and read, in 11 languages
data/      word lists by language, for translators; messages.yaml holds every sentence a check can say
"""
