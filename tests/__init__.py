"""The tests, arranged as the rooms are; `journey` drives real browsers, `permissions` asks every address."""
