"""How static files are kept: hashed names, compressed once, imports between ES modules rewritten to match."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Each file may be cached for ever, as its name changes with its content."""

    support_js_module_import_aggregation = True
