"""What a likeness means: probabilities fitted on pairs whose answer is known, and the words for them."""
