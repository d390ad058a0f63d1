"""Step 5: doctor and patient see, hear and write to each other, browser to browser. Nothing is recorded."""
