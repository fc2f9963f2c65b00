"""Routes that are no methods, and what all routes share. A module per topic, each a blueprint."""
