"""Webhooks: calls that flows make to other APIs, and flow ends pushed to accounts."""
