"""What users do with tasks and frames, and what they ask about them."""
