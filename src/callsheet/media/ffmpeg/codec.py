"""How each codec is encoded: the same settings for every clip of a delivery, so that their packets can be in one film, and the same bytes
each time. Groups of pictures are closed. One thread each, because another number gives other bytes; clips are encoded in parallel
instead.
"""

from __future__ import annotations

from callsheet.domain.cut import Delivery
from callsheet.domain.delivery.file_format import Codec, Container
from callsheet.domain.timebase import half_up
from callsheet.media.ffmpeg.filter_graph import Options

#: SVT-AV1 numbers its presets; these take about as long as x264's of that name
_AV1_PRESETS = {
    "ultrafast": 12,
    "superfast": 11,
    "veryfast": 10,
    "faster": 9,
    "fast": 8,
    "medium": 6,
    "slow": 5,
    "slower": 4,
    "veryslow": 2,
}
_PRORES_PROFILES = {"proxy": 0, "lt": 1, "standard": 2, "hq": 3, "4444": 4}
_DEEP = "yuv422p10le"
_PIXELS = {
    (Codec.PRORES, "4444"): "yuv444p10le",
    (Codec.DNXHR, "hq"): "yuv422p",
    (Codec.DNXHR, "sq"): "yuv422p",
    (Codec.DNXHR, "lb"): "yuv422p",
    (Codec.DNXHR, "444"): "yuv444p10le",
}
#: bits a second, where the delivery's sound is compressed
_SOUND = {Container.MP4: "aac", Container.MOV: "aac", Container.WEBM: "libopus"}
#: from so many bits a second on AAC can follow the wave itself: noise put in its place and guessed stereo (pns, is) are for fewer, and the fast search comes
#: near enough to the sound at half of the slow one's effort. What lies above 18 kHz is kept, too: where it is loud, leaving it out makes a clip up to half
#: an LU quieter than its neighbours. It takes bits from the rest, so at fewer bits all is as ffmpeg has it (benchmarks/results/finishing-sound.md)
_PLENTY, FAITHFUL = 256_000, {"aac_coder": "fast", "aac_pns": 0, "aac_is": 0, "cutoff": 22_000}
#: a codec's tag in MP4 and QuickTime. Apple's players open H.265 only as `hvc1`, with its settings only in the header
_TAGS = {Codec.H264: "avc1", Codec.H265: "hvc1", Codec.AV1: "av01", Codec.DNXHR: "AVdh"}
#: ProRes says its profile in nothing but its tag
_PRORES_TAGS = {"proxy": "apco", "lt": "apcs", "standard": "apcn", "hq": "apch", "4444": "ap4h"}
_PRORES_NAMES = {"proxy": "Proxy", "lt": "LT", "standard": "Standard", "hq": "HQ", "4444": "4444"}
#: the names that ffmpeg's decoders report, for checks
DECODED = {Codec.H264: "h264", Codec.H265: "hevc", Codec.AV1: "av1", Codec.PRORES: "prores", Codec.DNXHR: "dnxhd"}


def pixels(delivery: Delivery) -> str:
    """The pixel format of a delivery's pictures."""
    if delivery.codec.mastering:
        return _PIXELS.get((delivery.codec, delivery.profile or "hq"), _DEEP)
    return "yuv420p"


def decoded_pixels(delivery: Delivery) -> str:
    """The pixel format in which the delivery's pictures are read back: decoders give ProRes 4444 all the bits that it may have."""
    return "yuv444p12le" if (delivery.codec, delivery.profile) == (Codec.PRORES, "4444") else pixels(delivery)


def tag(delivery: Delivery) -> str | None:
    """The codec's tag in the delivery's file; None in WebM, which has none."""
    if delivery.container is Container.WEBM:
        return None
    return _PRORES_TAGS[delivery.profile or "hq"] if delivery.codec is Codec.PRORES else _TAGS[delivery.codec]


def profile_name(delivery: Delivery) -> str | None:
    """A decoder's name for the delivery's profile; None if its codec has none."""
    match delivery.codec:
        case Codec.PRORES:
            return _PRORES_NAMES[delivery.profile or "hq"]
        case Codec.DNXHR:
            return f"DNXHR {(delivery.profile or 'hq').upper()}"
        case Codec.H265 | Codec.AV1:
            return "Main"
        case Codec.H264:
            return None


def group(delivery: Delivery) -> int:
    """The most frames from one key frame to the next."""
    return 1 if delivery.codec.mastering else max(1, half_up(delivery.gop_s * delivery.fps))


def picture_options(delivery: Delivery) -> Options:
    """ffmpeg's options for the pictures of a delivery, but for their length."""
    return {
        "f": "mov" if delivery.codec.mastering else "mp4",
        **_encoder(delivery),
        "pix_fmt": pixels(delivery),
        "colorspace": "bt709",
        "color_primaries": "bt709",
        "color_trc": "bt709",
        "color_range": "tv",
        "chroma_sample_location": "left",
        "threads": 1,
        "map_metadata": -1,
        "map_chapters": -1,
        "fflags": "+bitexact",
        "flags:v": "+bitexact",
    }


def sound_options(delivery: Delivery) -> Options:
    """ffmpeg's options for the sound of a delivery: uncompressed beside pictures for mastering."""
    if delivery.codec.mastering:
        return {"f": "mov", "c:a": "pcm_s24le"}
    encoder = _SOUND[delivery.container]
    plenty = encoder == "aac" and delivery.audio_bitrate >= _PLENTY
    return {"f": "mp4", "c:a": encoder, "b:a": delivery.audio_bitrate, **(FAITHFUL if plenty else {})}


def _encoder(delivery: Delivery) -> Options:
    gop = group(delivery)
    match delivery.codec:
        case Codec.H264:
            return {"c:v": "libx264", "preset": delivery.preset, "crf": delivery.crf, "g": gop}
        case Codec.H265:
            quiet = "open-gop=0:pools=none:frame-threads=1:info=0:log-level=error"
            return {
                "c:v": "libx265",
                "preset": delivery.preset,
                "crf": delivery.crf,
                "g": gop,
                "tag:v": _TAGS[Codec.H265],
                "x265-params": quiet,
            }
        case Codec.AV1:
            preset = _AV1_PRESETS[delivery.preset]
            return {"c:v": "libsvtav1", "preset": preset, "crf": delivery.crf, "g": gop, "svtav1-params": "lp=1"}
        case Codec.PRORES:
            return {"c:v": "prores_ks", "profile:v": _PRORES_PROFILES[delivery.profile or "hq"], "vendor": "apl0"}
        case Codec.DNXHR:
            return {"c:v": "dnxhd", "profile:v": f"dnxhr_{delivery.profile or 'hq'}"}
