"""How far CareLedger is from the limit of what it stands on: ratios within one run, never absolute promises.

`python -m benchmarks` measures every group, `python -m benchmarks saves replays` only these.
docs/performance.md says what each figure means.
"""
