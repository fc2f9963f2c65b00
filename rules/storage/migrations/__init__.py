"""Alembic's folder: `env.py` and the numbered revisions in `versions/`."""
