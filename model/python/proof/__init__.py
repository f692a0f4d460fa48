"""The proof: every estimator of scikit-learn and every value of its parameters, through build and score, against scikit-learn.

``python -m proof`` (``make parity``) writes docs/supported.md; ``python -m proof --fast`` holds the default of every class
against that page (in ``make test``).
"""
