"""The job ledger: every background work of the product as rows of SQL. A queue only wakes workers up.

             ask                    dispatch                 take                    finish
    (needs, ──────> waiting ─────────────────> queued ─────────────> running ───────────────────> done
     later)            ^  ^                      ^  │                   │ │ │
                       │  └── fails, is tried ───┼──│───────────────────┘ │ └── fails for good ──> failed
                       │      again later        │  │                     ├── the person ────────> cancelled
                       │                         └──│── its worker died ──┤
              resume   │                            │    (three times:    └────────────────────> quarantined)
             paused <──┴──────────── pause ─────────┘

Who runs a job holds a lease: until when, and a fencing number that grows with every start. All that a run leaves behind
is written under that number, so a run that was thought dead and comes back writes nothing.

    service.py  the verbs of people and features     ledger.py  the verbs of workers     run.py  what a handler gets
    placing.py  who may start next                   keeping.py what looks after everything
    figures.py  how many stand where, for operators
"""
