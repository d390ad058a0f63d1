"""What every room stands on: errors, clock, ids, the base model, private files. It knows no other room."""
