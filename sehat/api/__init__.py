"""The JSON API for apps, thin over the rooms' services. Its library is loaded by the first request."""
