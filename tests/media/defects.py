"""Clips, cuts and films with one defect each, made to be found, and clean ones of many kinds: what every check must find, and where it must be silent.

For the tests of checks and for `benchmarks/qc`. A recipe makes its file in a folder and gives what is found on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from callsheet.domain.cut import Cut, CutShot, Delivery
from callsheet.domain.delivery.bed import Bed
from callsheet.domain.delivery.file_format import Codec, Container
from callsheet.domain.delivery.fitting import Fitting, FpsFit, Frame, Join, Transition
from callsheet.domain.delivery.leader import Leader
from callsheet.domain.errors import MediaError
from callsheet.domain.finding import Finding, Severity
from callsheet.domain.shots.shot import Size
from callsheet.finishing.finish import finish
from callsheet.media.sound import loudness
from callsheet.qc.acceptance import judge
from callsheet.qc.clip import Asked
from callsheet.qc.delivery import TracksDue, check_levels
from callsheet.qc.file_checks import check_film
from callsheet.qc.inspect_file import inspect_file
from callsheet.qc.policy import AS_CHECKED
from callsheet.qc.service_remarks import check_remarks
from callsheet.services.protocol.ask import Sold
from callsheet.standin.jobs.sample_films import Film, shoot
from callsheet.store.atomic_files import digest
from callsheet.store.project_folder import Project
from tests.media.clips import SMALL, Clips, delivery, shot, slate
from tests.runners import ffmpeg
from tests.unit.report.made_up_project import attempt

#: what a file that is no clip comes to: its attempt is closed as defective
DEFECTIVE = "defective"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """`finds` are codes, with the frame after an @ where it is exact; empty for a clean one."""

    name: str
    finds: tuple[str, ...]
    look: Callable[[Path], Sequence[Finding]]


# -- clips ------------------------------------------------------------------------------------------------------------------------------------------

_ASKED = Asked(size=Size(640, 360), fps=Fraction(25), frames=75, sound=True)
_MOVING = "testsrc2=s=640x360:r=25:d=3,noise=alls=5:allf=t:all_seed=3"
_NOISE = "anoisesrc=c=pink:a=0.2:seed=2:r=48000:d=3"
_STILL = "smptehdbars=s=640x360:r=25:d=3"
_ZOOM = "testsrc2=s=640x360:r=1:d=1,zoompan=z='1+0.0005*on':d=75:s=640x360:fps=25"
_MANDELBROT = "mandelbrot=s=640x360:r=25:start_scale=1:end_scale=0.9:end_pts=100,trim=end=3"
_TEXTURE = "mandelbrot=s=800x450:r=1:start_scale=0.8,trim=end_frame=1,loop=loop=80:size=1,setpts=N/25/TB,fps=25,trim=end_frame=75"
_BOXES = "drawbox=w=200:h=150:color=black:t=fill,drawbox=x=300:w=200:h=150:color=white:t=fill"
_FLAT = "color=0x707070:s=640x360:r=25:d=3"
_SPEECH = "anoisesrc=c=pink:a=0.3:seed=5:r=48000:d=3,tremolo=f=4:d=0.95"
_X264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "20", "-pix_fmt", "yuv420p")
_AAC = ("-c:a", "aac", "-b:a", "160k")
_USUAL = (*_X264, *_AAC)


@cache
def _moving() -> tuple[TemporaryDirectory[str], Path]:
    """The pictures that most clips have, encoded once in a process, and what keeps them there."""
    held = TemporaryDirectory(prefix="callsheet-moving-")
    path = Path(held.name) / "moving.mp4"
    ffmpeg(["-f", "lavfi", "-i", _MOVING, *_X264, str(path)])
    return held, path


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shot:
    """How a clip is made: lavfi sources, the encoder's words, what was asked for, what the service told, and how its bytes are spoilt at last."""

    picture: str = _MOVING
    sound: str | None = _NOISE
    encode: tuple[str, ...] = _USUAL
    ending: str = "mp4"
    asked: Asked = _ASKED
    told: Mapping[str, object] = field(default_factory=dict[str, object])
    spoil: Callable[[Path], None] | None = None

    def look(self, folder: Path) -> Sequence[Finding]:
        """All that a service's clip is looked at for when it arrives."""
        path = folder / f"clip.{self.ending}"
        sound = ["-f", "lavfi", "-i", self.sound] if self.sound else []
        if (self.picture, self.encode) == (_MOVING, _USUAL):
            ffmpeg(["-i", str(_moving()[1]), *sound, "-c:v", "copy", *_AAC, str(path)])
        else:
            ffmpeg(["-f", "lavfi", "-i", self.picture, *sound, *self.encode, str(path)])
        if self.spoil:
            self.spoil(path)
        sold = Sold(self.asked.size, self.asked.fps, self.asked.frames / self.asked.fps)
        try:
            return [*check_remarks(self.told, sold), *inspect_file(path, self.asked).findings(self.asked)]
        except MediaError as error:
            return [Finding(code=DEFECTIVE, severity=Severity.FAIL, message=str(error))]


def _clip(name: str, *finds: str, made: _Shot) -> Recipe:
    return Recipe(name=name, finds=finds, look=made.look)


def _seen(name: str, picture: str, *finds: str) -> Recipe:
    return _clip(name, *finds, made=_Shot(picture=picture))


def _heard(name: str, sound: str, *finds: str) -> Recipe:
    return _clip(name, *finds, made=_Shot(sound=sound))


def _delivered_twice(folder: Path) -> Sequence[Finding]:
    """A good clip whose bytes came for another take before."""
    path = _moving()[1]
    bought = replace(attempt(), service="runware", request=b"[{}]", told={})
    return judge(inspect_file(path), bought, None, AS_CHECKED, [attempt()])


def _half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _holes(path: Path) -> None:
    """Bytes of its samples overwritten, its index whole."""
    data = bytearray(path.read_bytes())
    start = data.index(b"mdat") + 4
    for at in range(start + 2000, len(data) - 64, 3000):
        data[at : at + 48] = b"\xa5" * 48
    path.write_bytes(bytes(data))


def _page(path: Path) -> None:
    path.write_text("<!doctype html><html><body><h1>403 Forbidden</h1><p>Your link has expired</p></body></html>\n" * 40)


def _complaint(path: Path) -> None:
    path.write_text('{"error": {"code": 410, "message": "the result is no longer available"}}')


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _grows(path: Path) -> None:
    """Its pictures are twice as large from the fortieth on."""
    film, raw, data = path.with_name("whole.mp4"), path.with_name("whole.h264"), b""
    for n, cut in enumerate(("trim=end_frame=40", "trim=start_frame=40,setpts=PTS-STARTPTS,scale=1280:720")):
        part = path.with_name(f"{n}.h264")
        ffmpeg(["-i", str(path), "-an", "-vf", cut, *_X264, "-bf", "0", str(part)])
        data += part.read_bytes()
    raw.write_bytes(data)
    ffmpeg(["-f", "h264", "-r", "25", "-i", str(raw), "-i", str(path), "-map", "0:v", "-map", "1:a", "-c", "copy", str(film)])
    film.replace(path)


def _beheaded(path: Path) -> None:
    """A transport stream without its beginning, as one is that was recorded from a running stream."""
    data, packet = path.read_bytes(), 188
    path.write_bytes(data[len(data) // packet // 8 * packet :])


def _becomes_mono(path: Path) -> None:
    """Its sound has one channel in its second half."""
    film, raw, data = path.with_name("whole.mp4"), path.with_name("whole.ac3"), b""
    for n, (cut, channels) in enumerate((("atrim=end=1.536", "2"), ("atrim=start=1.536", "1"))):
        part = path.with_name(f"{n}.ac3")
        ffmpeg(["-i", str(path), "-vn", "-af", cut, "-ac", channels, "-c:a", "ac3", str(part)])
        data += part.read_bytes()
    raw.write_bytes(data)
    ffmpeg(["-i", str(path), "-f", "ac3", "-i", str(raw), "-map", "0:v", "-map", "1:a", "-c", "copy", str(film)])
    film.replace(path)


_FASTSTART = ("-movflags", "+faststart")

CLIP_DEFECTS: tuple[Recipe, ...] = (
    _clip("another size", "clip-size", made=_Shot(picture=_MOVING + ",scale=640:352")),
    _clip("turned", "clip-size", made=_Shot(asked=replace(_ASKED, size=Size(360, 640)))),
    _clip("another rate", "clip-fps", made=_Shot(picture=_MOVING.replace("r=25", "r=24"))),
    _clip("NTSC for film", "clip-fps", made=_Shot(picture=_MOVING.replace("r=25", "r=24000/1001").replace("d=3", "d=3.003"), sound=_NOISE.replace("d=3", "d=3.003"), asked=replace(_ASKED, fps=Fraction(24), frames=72))),
    _clip("too short", "clip-short", made=_Shot(asked=replace(_ASKED, frames=100))),
    _clip("a frame short", "clip-short", made=_Shot(asked=replace(_ASKED, frames=76))),
    _clip("longer", "clip-long", made=_Shot(asked=replace(_ASKED, frames=73))),
    _clip("ten times as many", "clip-long", "clip-huge", made=_Shot(asked=replace(_ASKED, frames=7))),
    _clip("uneven steps", "clip-vfr", made=_Shot(picture=_MOVING + ",settb=1/90000,setpts='(N+0.4*eq(mod(N,7),3))/25/TB'", encode=("-fps_mode", "vfr", "-enc_time_base", "filter", *_X264, *_AAC))),
    _clip("frames dropped", "clip-fps", "clip-vfr", made=_Shot(picture=_MOVING + ",select='not(eq(mod(n,7),3))'", encode=("-fps_mode", "vfr", *_X264, *_AAC))),
    Recipe(name="bytes of another take", finds=("clip-same",), look=_delivered_twice),
    _clip("no sound", "clip-no-sound", made=_Shot(sound=None)),
    _clip("interlaced", "clip-interlaced", made=_Shot(picture=_MOVING.replace("r=25", "r=50") + ",tinterlace=interleave_top,setfield=tff", encode=(*_X264, "-flags", "+ilme+ildct", *_AAC))),
    _clip("larger midway", "clip-changes", made=_Shot(spoil=_grows)),
    _clip("begins within a group", "clip-begins", "clip-short", made=_Shot(encode=(*_X264, "-g", "25", *_AAC), ending="ts", spoil=_beheaded)),
    _clip("mono from its middle on", "clip-sound-changes", made=_Shot(spoil=_becomes_mono)),
    _clip("two sound tracks", "clip-tracks", made=_Shot(encode=("-map", "0:v", "-map", "1:a", "-map", "1:a", *_X264, *_AAC))),
    _clip("MPEG-2 in AVI", "clip-format", made=_Shot(encode=("-c:v", "mpeg2video", "-q:v", "3", "-c:a", "mp2"), ending="avi")),
    _clip("sound before the picture, untold", "clip-late", made=_Shot(encode=(*_X264, "-bf", "0", *_AAC, "-movflags", "frag_keyframe+empty_moov"))),
    _clip("adjusted by the service", "adjusted", made=_Shot(told={"adjustments": [{"parameter": "steps", "requested": 40, "applied": 8}]})),
    _clip("adjusted as foretold", "adjusted-foretold", made=_Shot(told={"adjustments": [{"parameter": "fps", "requested": 50, "applied": 25}]})),
    _clip("flagged by the service", "nsfw", made=_Shot(told={"nsfw": True})),
    _clip("error page as .mp4", DEFECTIVE, made=_Shot(spoil=_page)),
    _clip("error in JSON as .mp4", DEFECTIVE, made=_Shot(spoil=_complaint)),
    _clip("empty file", DEFECTIVE, made=_Shot(spoil=_empty)),
    _clip("cut off", DEFECTIVE, made=_Shot(spoil=_half)),
    _clip("cut off behind its index", DEFECTIVE, made=_Shot(encode=(*_X264, *_AAC, *_FASTSTART), spoil=_half)),
    _clip("damaged samples", DEFECTIVE, made=_Shot(spoil=_holes)),
    _seen("black for a second", _MOVING + ",drawbox=t=fill:color=black:enable='between(t,1,2)'", "clip-black@25"),
    _seen("black for three frames", _MOVING + ",drawbox=t=fill:color=black:enable='between(n,50,52)'", "clip-black@50"),
    _seen("nearly black", _MOVING + ",drawbox=t=fill:color=0x040404:enable='between(n,40,60)'", "clip-black@40"),
    _seen("all black", "color=black:s=640x360:r=25:d=3", "clip-all-black@0"),
    _seen("frozen for a second", _MOVING + ",loop=loop=25:size=1:start=30,setpts=N/25/TB,trim=end=3", "clip-frozen"),
    _clip("frozen across key frames", "clip-frozen", made=_Shot(picture=_MOVING + ",loop=loop=25:size=1:start=30,setpts=N/25/TB,trim=end=3", encode=(*_X264, "-g", "12", *_AAC))),
    _clip("frozen, poorly encoded", "clip-frozen", made=_Shot(picture=_MOVING + ",loop=loop=25:size=1:start=30,setpts=N/25/TB,trim=end=3", encode=(*_X264, "-crf", "34", "-g", "12", *_AAC))),
    _clip("frozen, drawn finer by and by", "clip-frozen", made=_Shot(picture=_MOVING + ",loop=loop=25:size=1:start=30,setpts=N/25/TB,trim=end=3,scale=1280:720", encode=(*_X264, "-crf", "26", "-g", "25", *_AAC), asked=replace(_ASKED, size=Size(1280, 720)))),
    _seen("frozen to the end", _MOVING + ",loop=loop=60:size=1:start=50,setpts=N/25/TB,trim=end=3", "clip-frozen"),
    _seen("a still", _STILL, "clip-frozen@0"),
    _clip("a still with key frames", "clip-frozen@0", made=_Shot(picture=_TEXTURE + ",crop=640:360:x=0:y=0", encode=(*_X264, "-g", "12", *_AAC))),
    _seen("flashing", _MOVING + ",drawbox=t=fill:color=white:enable='between(t,1,3)*eq(mod(n,4),0)'", "clip-flash"),
    _seen("strobe", _MOVING + ",drawbox=t=fill:color=black:enable='between(t,1,2)*eq(mod(n,2),0)'", "clip-flash"),
    _seen("half the rate", _MOVING + ",fps=12.5,fps=25,trim=end_frame=75", "clip-doubled"),
    _seen("a third of the rate", _MOVING + ",fps=25/3,fps=25", "clip-doubled"),
    _seen("four fifths of the rate", _MOVING + ",fps=20,fps=25", "clip-doubled"),
    _seen("one frame twice", _MOVING + ",loop=loop=1:size=1:start=50,setpts=N/25/TB,trim=end_frame=75", "clip-repeated"),
    _seen("full range, tagged as video", _MOVING + f",{_BOXES},lutyuv=y=(val-16)*255/219", "clip-range@0"),
    _seen("colours too strong", _MOVING + ",lutyuv=u=(val-128)*1.6+128:v=(val-128)*1.6+128", "clip-range@0"),
    _heard("silent", "anullsrc=r=48000,atrim=end=3", "clip-silent@0"),
    _heard("silent for a second", _NOISE + ",volume=0:enable='between(t,1,2)'", "clip-silence@25"),
    _heard("silent from the middle on", _NOISE + ",volume=0:enable='gte(t,1.6)'", "clip-silence@40"),
    _heard("clipped", _NOISE + ",volume=30dB,alimiter=limit=1:level=false:attack=0.1", "clip-clipping"),
    _clip("sound that is no number for a while", "clip-sound-broken@25", made=_Shot(sound="aevalsrc='if(between(t,1,1.2),0/0,0.2*sin(2*PI*300*t))':s=48000:d=3", encode=(*_X264, "-c:a", "pcm_f32le"), ending="mov")),
    _heard("clipped hard", "aevalsrc='clip(2.5*sin(2*PI*300*t),-0.98,0.98)':s=48000:d=3", "clip-clipping"),
)  # fmt: skip

CLEAN_CLIPS: tuple[Recipe, ...] = (
    _seen("moving test picture", _MOVING),
    _seen("dark", _MOVING + ",lutyuv=y=(val-16)*0.3+16"),
    _seen("night", "color=0x101010:s=640x360:r=25:d=3,noise=alls=6:allf=t"),
    _seen("slow zoom", _MANDELBROT),
    _seen("slow zoom on a still", _ZOOM),
    _seen("slow pan over a still", _TEXTURE + ",crop=640:360:x=2*n:y=40"),
    _seen("shaken by hand", _TEXTURE + ",crop=640:360:x='60+20*sin(n/3)':y='40+15*cos(n/4)'"),
    _seen("film grain", _MANDELBROT + ",noise=c0s=18:c0f=t+u"),
    _seen("still scene with grain", _STILL + ",noise=alls=10:allf=t"),
    _seen("still scene, something small moves", _TEXTURE + ",crop=640:360:x=0:y=0,format=yuv420p[a];color=white:s=24x24:r=25:d=3[b];[a][b]overlay=x='200+40*t':y=180"),
    _seen("still scene, something tiny moves slowly", _TEXTURE + ",crop=640:360:x=0:y=0,format=yuv420p[a];color=white:s=12x12:r=25:d=3[b];[a][b]overlay=x='200+12*t':y=180"),
    _seen("a cut to a slow scene", f"{_MOVING},trim=end_frame=40,format=yuv420p[a];{_MANDELBROT},trim=end_frame=35,format=yuv420p[b];[a][b]concat"),
    _seen("a cut from a slow scene", f"{_MANDELBROT},trim=end_frame=35,format=yuv420p[a];{_MOVING},trim=end_frame=40,format=yuv420p[b];[a][b]concat"),
    _seen("lightning over a slow zoom", _MANDELBROT + ",drawbox=t=fill:color=white:enable='between(n,30,31)+between(n,36,37)'"),
    _seen("four cuts in three seconds", _MOVING + ",hue=h='90*floor(n/18)':s=1"),
    _seen("one flash", _MOVING + ",drawbox=t=fill:color=white:enable='between(n,30,32)'"),
    _seen("three flashes in three seconds", _MOVING + ",drawbox=t=fill:color=white:enable='eq(mod(n,25),0)'"),
    _seen("two strokes of lightning", _MOVING + ",drawbox=t=fill:color=white:enable='between(n,30,31)+between(n,38,39)'"),
    _seen("a lamp that is dimmed", _MOVING + ",fade=t=out:st=0:d=6"),
    _seen("black and white drawing, legal levels", f"{_FLAT},{_BOXES},noise=alls=3:allf=t,crop=600:340:x='20+10*sin(n/5)':y=10,scale=640:360"),
    _clip("portrait", made=_Shot(picture=_MOVING.replace("640x360", "360x640"), asked=replace(_ASKED, size=Size(360, 640)))),
    _clip("NTSC", made=_Shot(picture=_MOVING.replace("r=25", "r=30000/1001").replace("d=3", "d=3.003"), asked=replace(_ASKED, fps=Fraction(30000, 1001), frames=90))),
    _clip("sixty a second", made=_Shot(picture=_MOVING.replace("r=25", "r=60"), asked=replace(_ASKED, fps=Fraction(60), frames=180))),
    _clip("VP9 and Opus in WebM", made=_Shot(encode=("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "2M", "-pix_fmt", "yuv420p", "-c:a", "libopus"), ending="webm")),
    _clip("full range, tagged so", made=_Shot(picture=_MOVING + ",scale=out_range=pc,format=yuvj420p", encode=("-c:v", "libx264", "-preset", "veryfast", "-color_range", "pc", *_AAC))),
    _clip("no sound asked for", made=_Shot(sound=None, asked=replace(_ASKED, sound=False))),
    _clip("mono", made=_Shot(encode=(*_X264, *_AAC, "-ac", "1"))),
    _clip("5.1", made=_Shot(encode=(*_X264, *_AAC, "-ac", "6"))),
    _heard("quiet room", "anoisesrc=c=pink:a=0.004:seed=2:r=48000:d=3"),
    _heard("loud, limited", _NOISE + ",volume=20dB,alimiter=limit=0.85:level=false"),
    _heard("short pause", _NOISE + ",volume=0:enable='between(t,1,1.3)'"),
    _heard("words with pauses over ambience", f"{_SPEECH}[a];anoisesrc=c=brown:a=0.01:seed=9:r=48000:d=3[b];[a][b]amix=normalize=0"),
    _heard("a loud tone", "sine=f=440:r=48000:d=3,volume=17dB"),
    _heard("a square wave, quiet", "aevalsrc='0.25*sgn(sin(2*PI*220*t))':s=48000:d=3"),
)  # fmt: skip


# -- cuts -------------------------------------------------------------------------------------------------------------------------------------------

Shots = Callable[[Clips], Sequence[CutShot]]


def _cut(name: str, *finds: str, shots: Shots, form: Delivery | None = None) -> Recipe:
    def found(folder: Path) -> Sequence[Finding]:
        return finish(Cut(sequence="SQ", shots=tuple(shots(Clips(folder)))), form or delivery(), Project(folder / "project")).findings

    return Recipe(name=name, finds=finds, look=found)


def _on(one: CutShot, join: Join, frames: int) -> CutShot:
    return replace(one, transition=Transition(join, frames))


def _level(clips: Clips, by_db: float) -> Path:
    """The stand-in's film, so many dB softer."""
    path = clips.folder / f"softer-{by_db}.mp4"
    ffmpeg(["-i", str(clips.film(1)), "-c:v", "copy", "-af", f"volume={-by_db}dB", "-c:a", "aac", "-b:a", "256k", str(path)])
    return path


def _with_music(clips: Clips) -> Sequence[Finding]:
    """Under the second of two silent shots: a low tone that begins at its peak."""
    path = clips.folder / "music.wav"
    ffmpeg(["-f", "lavfi", "-i", "aevalsrc='0.5*cos(2*PI*60*t)':s=48000:d=1", "-ac", "2", str(path)])
    music = Bed(name="music.wav", file=path, sha256=digest(path), mime="audio/wav", first=24, end=48)
    shots = tuple(shot(name, clips.film(1), 24, sound=False) for name in "AB")
    return finish(Cut(sequence="SQ", shots=shots, beds=(music,)), delivery(), Project(clips.folder / "project")).findings


def _clicks(clips: Clips) -> Path:
    """Half a millisecond at full scale, once a second: nothing that a limiter could bring up."""
    path = clips.folder / "clicks.mov"
    ffmpeg(["-i", str(clips.film(1)), "-f", "lavfi", "-i", "aevalsrc='lt(mod(n,48000),24)':s=48000:d=2", "-map", "0:v", "-map", "1:a",
                "-c:v", "copy", "-c:a", "pcm_s16le", str(path)])  # fmt: skip
    return path


def _retimed(one: CutShot) -> CutShot:
    return replace(one, fitting=Fitting(fps=FpsFit.RETIME))


CUT_DEFECTS: tuple[Recipe, ...] = (
    _cut("a wider frame than its clip", "bars@0", shots=lambda c: [shot("A", c.film(1), 48)], form=delivery(size=Size(320, 180))),
    _cut("ten frames short", "padded@48", shots=lambda c: [shot("A", c.film(1), 58), shot("B", c.film(2), 24)]),
    _cut("one frame short", "padded-one@72", shots=lambda c: [shot("A", c.film(1), 24), shot("B", c.film(2), 49)]),
    _cut("ends under a dissolve", "padded-transition@48", shots=lambda c: [shot("A", c.film(1), 48), _on(shot("B", c.film(2), 40), Join.DISSOLVE, 10)]),
    _cut("dissolve longer than its shot", "transition-short@24", shots=lambda c: [shot("A", c.film(1), 24), _on(shot("B", c.film(2), 12), Join.DISSOLVE, 20)]),
    _cut("fade longer than the shot before", "transition-short@5", shots=lambda c: [shot("A", c.film(1), 5, sound=False), _on(shot("B", c.film(2), 40), Join.FADE, 16)]),
    _cut("wipe onto a short slate", "transition-short@24", shots=lambda c: [shot("A", c.film(1), 24), _on(slate("B", 6), Join.WIPE, 9)]),
    _cut("can't be retimed", "unfitted@0", shots=lambda c: [_retimed(shot("A", c.film(1, fps=30, frames=60), 40))]),
    _cut("a silent clip", "silent@24", shots=lambda c: [shot("A", c.film(1), 24), shot("B", c.quirk("digital silence"), 24)]),
    _cut("a clip without sound", "silent@24", shots=lambda c: [shot("A", c.film(1), 24), shot("B", c.film(2, sound=False), 24)]),
    _cut("too short for the meter", "unmeasured@48", shots=lambda c: [shot("A", c.film(1), 48), shot("B", c.film(2), 9)]),
    Recipe(name="music that starts at its loudest with a shot", finds=("click@24",), look=lambda folder: _with_music(Clips(folder))),
    _cut("clicks alone", "quiet@0", "delivery-ceiling", shots=lambda c: [shot("A", _clicks(c), 48)]),
    _cut("a fifth of a second", "unmeasured@0", "delivery-unmeasured", shots=lambda c: [shot("A", c.film(1), 5)]),
    _cut("quiet", "quiet@48", shots=lambda c: [shot("A", c.film(2), 48), shot("B", _level(c, 14), 48)]),
    _cut("far too quiet", "too-quiet@48", shots=lambda c: [shot("A", c.film(2), 48), shot("B", _level(c, 34), 48)]),
)  # fmt: skip

CLEAN_CUTS: tuple[Recipe, ...] = (
    _cut("mixed clips", shots=lambda c: [shot("A", c.film(1)), shot("B", c.film(2, frames=60, fps=30)), shot("C", c.quirk("mono 22 kHz", 3), 40)]),
    _cut("transitions that fit", shots=lambda c: [shot("A", c.film(1), 30), _on(shot("B", c.film(2), 30), Join.DISSOLVE, 12), _on(shot("C", c.film(3), 30), Join.FADE, 10)]),
    _cut("retimed", shots=lambda c: [_retimed(shot("A", c.film(1), 48))], form=delivery(25)),
    _cut("silent as asked", shots=lambda c: [shot("A", c.film(1)), shot("B", c.film(2, sound=False), sound=False)]),
    _cut("a slate between", shots=lambda c: [shot("A", c.film(1), 30), slate("B", 24), shot("C", c.film(3), 30)]),
)  # fmt: skip


# -- films ------------------------------------------------------------------------------------------------------------------------------------------

_FILM = delivery(24)
_FRAMES = 88
_SECOND = Decimal(1)


def _shots(folder: Path) -> Cut:
    clips = Clips(folder)
    return Cut(sequence="SQ", shots=(shot("A", clips.film(1), 44), shot("B", clips.film(2), 44)))


@cache
def _good() -> tuple[TemporaryDirectory[str], Path]:
    """A film without a fault, made once in a process, and what keeps it there."""
    held = TemporaryDirectory(prefix="callsheet-good-")
    folder = Path(held.name)
    return held, finish(_shots(folder), _FILM, Project(folder / "project")).file


def _made(name: str, form: Delivery) -> Recipe:
    """A film as it is made, in one form."""

    def found(folder: Path) -> Sequence[Finding]:
        cut = _shots(folder)
        filled = replace(cut, shots=tuple(replace(one, fitting=Fitting(frame=Frame.CROP)) for one in cut.shots))
        return finish(filled, form, Project(folder / "project")).findings

    return Recipe(name=name, finds=(), look=found)


def _film(name: str, *finds: str, after: Sequence[str], before: Sequence[str] = (), form: Delivery | None = None) -> Recipe:
    """A good film, spoilt by ffmpeg: what stands `before` and `after` its `-i`. The film stands twice where `after` begins with the second."""

    def found(folder: Path) -> Sequence[Finding]:
        good = _good()[1]
        path = folder / f"spoilt.{(form or _FILM).container}"
        ffmpeg([*before, "-i", str(good), *(str(good) if word == "SAME" else word for word in after), str(path)])
        levels = [] if "-an" in after else check_levels(loudness.measure(path), _FILM)
        return [*check_film(path, form or _FILM, _FRAMES, TracksDue(chapters=("A", "B"))), *levels]

    return Recipe(name=name, finds=finds, look=found)


_COPY = ("-c", "copy", *_FASTSTART)
_PICTURE = ("-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-g", "48", "-crf", "18", "-c:a", "copy", *_FASTSTART)
_TAGGED = (
    "-colorspace",
    "bt709",
    "-color_primaries",
    "bt709",
    "-color_trc",
    "bt709",
    "-color_range",
    "tv",
    "-video_track_timescale",
    "24000",
)
_SOUND = ("-c:v", "copy", "-c:a", "aac", "-b:a", "192k", *_FASTSTART)

FILM_DEFECTS: tuple[Recipe, ...] = (
    _film("a frame short", "delivery-frames", after=[*_COPY, "-bsf:v", "noise=drop='gte(n,87)'"]),
    _film("another size", "delivery-size", after=["-vf", "scale=320:180", *_PICTURE, *_TAGGED]),
    _film("another rate", "delivery-fps", after=["-vf", "setpts=N/25/TB", "-r", "25", *_PICTURE, *_TAGGED]),
    _film("uneven steps", "delivery-vfr", "delivery-gop", after=["-vf", "settb=1/24000,setpts='(N+0.4*eq(mod(N,7),3))/24/TB'", "-fps_mode", "passthrough", "-enc_time_base", "filter", *_PICTURE, *_TAGGED]),
    _film("sound ends early", "delivery-sound", after=["-af", "atrim=end_sample=170000", *_SOUND]),
    _film("no sound", "delivery-sound", after=["-an", *_COPY]),
    _film("picture late", "delivery-sync", before=["-itsoffset", "0.125"], after=["-i", "SAME", "-map", "0:v", "-map", "1:a", *_COPY]),
    _film("another codec", "delivery-codec", after=["-c:v", "mpeg4", "-q:v", "3", "-bf", "0", "-c:a", "copy", *_FASTSTART, *_TAGGED]),
    _film("no colour tags", "delivery-tags", after=[*_COPY, "-bsf:v", "h264_metadata=matrix_coefficients=2"]),
    _film("tagged as BT.601", "delivery-tags", after=[*_COPY, "-bsf:v", "h264_metadata=matrix_coefficients=6"]),
    _film("tagged as full range", "delivery-tags", after=[*_COPY, "-bsf:v", "h264_metadata=video_full_range_flag=1"]),
    _film("open groups", "delivery-gop", after=["-c:v", "libx264", "-bf", "3", "-x264-params", "open-gop=1:keyint=12:b-adapt=0", "-c:a", "copy", *_FASTSTART, *_TAGGED]),
    _film("long groups", "delivery-gop", after=["-c:v", "libx264", "-bf", "0", "-g", "88", "-sc_threshold", "0", "-c:a", "copy", *_FASTSTART, *_TAGGED]),
    _film("H.265 as hev1", "delivery-codec-tag", after=["-c:v", "libx265", "-preset", "ultrafast", "-tag:v", "hev1", "-x265-params", "open-gop=0:keyint=48:log-level=error", "-c:a", "copy", *_FASTSTART, *_TAGGED], form=replace(_FILM, codec=Codec.H265)),
    _film("a lower grade", "delivery-profile", after=["-c:v", "dnxhd", "-profile:v", "dnxhr_lb", "-pix_fmt", "yuv422p", "-c:a", "pcm_s24le", *_FASTSTART, *_TAGGED], form=replace(_FILM, codec=Codec.DNXHR, container=Container.MOV, profile="hq")),
    _film("colour for every pixel", "delivery-pixels", after=["-pix_fmt", "yuv444p", *_PICTURE, *_TAGGED]),
    _film("a timecode of its own", "delivery-timecode", after=[*_COPY, "-timecode", "10:00:00:00"]),
    _film("no chapters", "delivery-chapters", after=[*_COPY, "-map_chapters", "-1"]),
    _film("in French", "delivery-language", after=[*_COPY, "-metadata:s:a:0", "language=fra"]),
    _film("mono", "delivery-channels", "delivery-loudness", after=["-af", "volume=-4dB", "-ac", "1", *_SOUND]),
    _film("index behind the pictures", "delivery-index", after=["-c", "copy", "-movflags", "-faststart"]),
    _film("6 dB too soft", "delivery-loudness", after=["-af", "volume=-6dB", *_SOUND]),
    _film("a dB too loud", "delivery-loudness", after=["-af", "volume=1dB,alimiter=limit=0.8:level=false", *_SOUND]),
    _film("8 dB too soft under a loud knock", "delivery-ceiling", after=["-af", "volume=-8dB,aeval='val(0)+if(between(n,60000,60095),0.82*sin(2*PI*(n-60000)/48),0)|val(1)+if(between(n,60000,60095),0.82*sin(2*PI*(n-60000)/48),0)':c=same", *_SOUND]),
    _film("a click at full scale", "delivery-peak", after=["-af", "aeval='val(0)+if(between(n,60000,60006),0.9-val(0),0)|val(1)':c=same", *_SOUND]),
)  # fmt: skip

CLEAN_FILMS: tuple[Recipe, ...] = (
    _made("H.264 in MP4", _FILM),
    _made("H.264 at 23.976", delivery(Fraction(24000, 1001))),
    _made("H.264 at 29.97 in QuickTime", replace(delivery(Fraction(30000, 1001)), container=Container.MOV)),
    _made("H.265", replace(_FILM, codec=Codec.H265)),
    _made("AV1 in WebM", replace(_FILM, codec=Codec.AV1, container=Container.WEBM)),
    _made("ProRes", replace(_FILM, codec=Codec.PRORES, container=Container.MOV, profile="hq")),
    _made("DNxHR", replace(_FILM, codec=Codec.DNXHR, container=Container.MOV, profile="hq")),
    _made("another size, -23 LUFS", delivery(25, Size(256, 256), loudness_lufs=-23.0)),
    _made("slate and black around", replace(_FILM, around=Leader(slate_s=_SECOND, countdown_s=_SECOND, head_s=_SECOND, tail_s=_SECOND))),
)


def _stand_in(name: str, size: Size, fps: int, container: str) -> Recipe:
    """A film of the stand-in, flashes, beeps and all."""

    def found(folder: Path) -> Sequence[Finding]:
        path = folder / "film"
        shoot(Film(*(size.width, size.height), fps, 3 * fps, True, 7, container), path)
        return inspect_file(path).findings(Asked(size=size, fps=Fraction(fps), frames=3 * fps, sound=True))

    return Recipe(name=f"stand-in: {name}", finds=(), look=found)


STAND_IN: tuple[Recipe, ...] = (
    _stand_in("MP4", SMALL, 24, "MP4"),
    _stand_in("720p", Size(1280, 720), 25, "MP4"),
    _stand_in("WebM", SMALL, 24, "WEBM"),
)

DEFECTS = CLIP_DEFECTS + CUT_DEFECTS + FILM_DEFECTS
CLEAN = CLEAN_CLIPS + STAND_IN + CLEAN_CUTS + CLEAN_FILMS
