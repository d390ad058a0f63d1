"""SMS and e-mail: an outbox, written in the same transaction as what it tells of, and its sender."""
