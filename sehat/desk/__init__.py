"""Step 5 begins here: the doctor's desk. Who is free gets the head of the line; who is silent is paused."""
