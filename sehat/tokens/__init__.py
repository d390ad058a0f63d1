"""Step 2 of the journey: the token, its states and history, its health records; and login by it."""
