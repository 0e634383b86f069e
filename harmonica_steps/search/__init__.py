"""The search itself, free of files: plan, draws, restriction, scores, promotion."""
