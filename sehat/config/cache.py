"""The cache in Redis; without Redis it forgets, and no page breaks."""

import logging
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis import RedisError

log = logging.getLogger(__name__)


class ForgetfulRedisCache(RedisCache):
    """What cannot be asked is not there; what cannot be kept is forgotten. Nothing that matters lives in a cache."""

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """The value; `default` also where Redis does not answer."""
        try:
            return super().get(key, default, version)
        except RedisError as error:
            log.warning("redis keeps nothing: %s", error)
            return default

    def set(self, key: Any, value: Any, *args: Any, **kwargs: Any) -> None:
        """Keep the value, where Redis answers."""
        try:
            super().set(key, value, *args, **kwargs)
        except RedisError as error:
            log.warning("redis keeps nothing: %s", error)
