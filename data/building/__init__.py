"""Builders of the tables of `data/`, one module per topic; `data/build.py` lists them."""
