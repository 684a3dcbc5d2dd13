"""How often one address may do a thing; the cache counts, and keeps no address."""

import hashlib
import logging
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class Limit:
    """At most `most` times in `seconds`, from the first time on."""

    what: str
    most: int
    seconds: int

    def is_reached(self, request: HttpRequest) -> bool:
        """Whether the address has used up what it may. A cache that is away stops nobody."""
        try:
            return cache.get(self._key(request), 0) >= self.most
        except (RedisError, OSError):
            logger.exception("throttle %s cannot count", self.what)
            return False

    def count(self, request: HttpRequest) -> None:
        """Count once more."""
        key = self._key(request)
        try:
            if not cache.add(key, 1, self.seconds):
                cache.incr(key)
        except ValueError:  # it ran out between the two
            cache.set(key, 1, self.seconds)
        except (RedisError, OSError):
            logger.exception("throttle %s cannot count", self.what)

    def _key(self, request: HttpRequest) -> str:
        fingerprint = hashlib.sha256(address_of(request).encode()).hexdigest()[:32]
        return f"web-{self.what}-{fingerprint}"


GUESSING = Limit("guess", 30, 3600)
"""Wrong tracking codes. The codes cannot be guessed anyway (59 bits); this keeps the noise down."""


def filing() -> Limit:
    """Complaints and supplements; the same rate as at the interfaces (FILE_THROTTLE, "60/hour")."""
    rates: Any = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]
    most, _slash, unit = rates["file"].partition("/")
    return Limit("file", int(most), _SECONDS[unit[:1]])


def address_of(request: HttpRequest) -> str:
    """Who calls. Each of our PROXY_COUNT proxies has added one address at the end of the header;
    what stands before those anybody may have written."""
    chain = request.headers.get("X-Forwarded-For", "").split(",")
    if settings.PROXY_COUNT and chain != [""]:
        return chain[-min(settings.PROXY_COUNT, len(chain))].strip()
    return str(request.META.get("REMOTE_ADDR", ""))
