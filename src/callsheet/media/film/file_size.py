"""Keeps a file within its delivery's limits on size and bitrate: encode, measure, and encode smaller until it fits. Pure."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from math import ceil, floor, log2

from callsheet.domain.cut import Delivery
from callsheet.domain.delivery.file_format import Codec
from callsheet.domain.errors import DeliveryError

#: steps of quality that usually halve a file; the result is measured
_HALF = {Codec.H264: 6, Codec.H265: 6, Codec.AV1: 8}
#: the lowest acceptable quality
_WORST = {Codec.H264: 45, Codec.H265: 45, Codec.AV1: 58}


def allowed(delivery: Delivery, seconds: Fraction) -> int | None:
    """Bytes that a file of this length may have; None if there is no limit."""
    by_rate = floor(delivery.max_bitrate * seconds / 8) if delivery.max_bitrate else None
    limits = [limit for limit in (delivery.max_bytes, by_rate) if limit is not None]
    return min(limits) if limits else None


def smaller(delivery: Delivery, size: int, seconds: Fraction) -> Delivery | None:
    """The settings to encode with next if a file of `size` bytes is too large; None if it fits. DeliveryError if no quality makes it fit:
    the codec has none, or the sound alone is too large.
    """
    limit = allowed(delivery, seconds)
    if limit is None or size <= limit:
        return None
    sound = ceil(delivery.audio_bitrate * seconds / 8)
    help = "give it a smaller resolution, or raise the limit"
    if delivery.codec.mastering:
        help = f"{delivery.codec} has no quality to lower: give it a smaller resolution or profile, or raise the limit"
    elif sound >= limit:
        help = f"its sound alone takes {sound} bytes: lower audio_bitrate, or raise the limit"
    if delivery.codec.mastering or sound >= limit or delivery.crf >= _WORST[delivery.codec]:
        raise DeliveryError(
            f"the {delivery.name} film has {size} bytes, but only {limit} are allowed, and it can't be made smaller",
            help=help,
        )
    steps = max(1, ceil(_HALF[delivery.codec] * log2(max(size - sound, 1) / (limit - sound))))
    return replace(delivery, crf=min(_WORST[delivery.codec], delivery.crf + steps))
