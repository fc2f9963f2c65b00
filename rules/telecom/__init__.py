"""Phone numbers of India: class, operator, circle, language."""
