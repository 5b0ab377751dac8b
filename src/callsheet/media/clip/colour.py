"""Colours beyond BT.709: high dynamic range and wide gamuts, brought to what the deliveries are in. Pure: filters go around a probe's picture.

Levels are those of displays (ITU-R BT.2408): HDR reference white, 203 cd/m2, is where SDR white was. Up to half of it nothing is changed, so that 18 % grey
(26 cd/m2) comes out at 42.5 %, as BT.2408 has it; what is brighter is rolled off up to 1000 cd/m2 (Moebius), which leaves reference white at 89.5 % and
room for highlights; BT.2390's roll-off for the same displays leaves it at 90 %. Beyond 1000 cd/m2 it ends 3 % above white, within EBU R 103.
"""

from __future__ import annotations

from dataclasses import replace

from callsheet.domain.errors import MediaError
from callsheet.media.ffmpeg import filter_graph, runner
from callsheet.media.inspect.film_facts import Probe

#: names of high-dynamic-range transfers, for people
_HDR = {"smpte2084": "PQ", "arib-std-b67": "HLG"}
#: primaries with colours outside BT.709
_WIDE = {"bt2020": "BT.2020", "smpte431": "DCI-P3", "smpte432": "Display P3"}
#: matrices that go with BT.2020's primaries; ICtCp is one that scaling alone can't read, and constant luminance one that zscale reads too bright
_OF_2020, _CONSTANT = ("bt2020", "bt2020c", "ictcp"), "bt2020c"
#: zscale's names, if they differ from the probe's
_NAMES = {"bt601": "smpte170m", "bt2020": "bt2020nc"}
#: cd/m2, and the share of reference white up to which nothing changes
_WHITE, _PEAK, _KNEE = 203, 1000, 0.5
#: formats of more than 8 bits, for deliveries that use them
_MADE = "yuv444p10le"


def beyond(probed: Probe) -> bool:
    """Whether a picture has to be converted before it is scaled."""
    return probed.transfer in _HDR or _primaries(probed) in _WIDE


def remarks(probed: Probe) -> tuple[str, ...]:
    """What is done to such a picture, in words."""
    if probed.transfer in _HDR:
        return (
            f"the picture is in high dynamic range ({_HDR[probed.transfer]}); it is converted to BT.709, with its brightest parts rolled off",
        )
    if _primaries(probed) in _WIDE:
        return (f"the picture is in {_WIDE[_primaries(probed)]}; colours outside BT.709 are clipped",)
    return ()


def refuse_unable(probed: Probe) -> None:
    """MediaError if the picture can't be converted, because the ffmpeg in use lacks a filter or there is no conversion: its colours would
    be wrong.
    """
    if probed.matrix == _CONSTANT:
        raise MediaError(
            "its colours are in BT.2020 with constant luminance, which isn't supported", help="convert the clip, or reject its take"
        )
    lacking = [name for name in ("zscale", "tonemap") if beyond(probed) and not runner.has_filter(name)]
    if lacking:
        raise MediaError(
            f"its colours ({_primaries(probed)}, {probed.transfer or 'no transfer'}) need the filter {lacking[0]}, which {runner.executable()} doesn't have",
            help="unset CALLSHEET_FFMPEG, or name an ffmpeg that was built with libzimg",
        )


def brought_in(pad: filter_graph.Pad, probed: Probe) -> tuple[filter_graph.Pad, Probe]:
    """The picture in BT.709 and video range, with a matching probe. A picture that is already is returned unchanged."""
    if not beyond(probed):
        return pad, probed
    if probed.transfer in _HDR:
        # approximate gamma would raise each of HLG's colours by itself, where the standard raises luminance
        light: filter_graph.Options = {"t": "linear", "npl": _WHITE, "agamma": 0, "m": "gbr", "p": "bt709"}
        linear = pad.filter("zscale", **_read(probed, probed.transfer or ""), **light).filter("format", "gbrpf32le")
        rolled = linear.filter("tonemap", "mobius", param=_KNEE, peak=f"{_PEAK / _WHITE:.4f}", desat=0)
        made = rolled.filter("zscale", tin="linear", pin="bt709", min="gbr", rin="pc", **_DUE)
    else:  # only the gamut: SDR's transfers are all displayed alike
        made = pad.filter("zscale", **_read(probed, "bt709"), **_DUE)
    made = made.filter("format", _MADE)
    return made, replace(probed, pix_fmt=_MADE, matrix="bt709", full_range=False, primaries="bt709", transfer="bt709")


_DUE: filter_graph.Options = {"t": "bt709", "p": "bt709", "m": "bt709", "r": "tv"}


def _primaries(probed: Probe) -> str:
    """Untagged primaries are BT.2020's if matrix or transfer say so, otherwise BT.709's."""
    return probed.primaries or ("bt2020" if probed.transfer in _HDR or probed.matrix in _OF_2020 else "bt709")


def _read(probed: Probe, transfer: str) -> filter_graph.Options:
    """How the picture is to be read. An untagged matrix is the primaries' own."""
    primaries = _primaries(probed)
    rgb = probed.pix_fmt.startswith(("gbr", "rgb"))
    told = probed.matrix or ("bt2020" if primaries == "bt2020" else "bt709")
    matrix = "gbr" if rgb else _NAMES.get(told, told)
    return {"tin": transfer, "pin": primaries, "min": matrix, "rin": "pc" if rgb or probed.full_range else "tv"}
