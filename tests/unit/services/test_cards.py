"""Cards: the shipped ones are what the vendor's pages say, and a bad one is told with file and key."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from pydantic import ValidationError

from callsheet.domain.errors import InputError, Problem
from callsheet.domain.shots.shot import Size
from callsheet.services.cards.card import Price, load_cards, unknown_model
from callsheet.services.cards.sold_ranges import Numbers, Steps

FOLDER = Path(__file__).parents[3] / "configs" / "cards"
CARDS = load_cards(FOLDER)
GOOD = (FOLDER / "runware-ltx-2.3.toml").read_text(encoding="utf-8")


def problems(folder: Path, **files: str) -> tuple[Problem, ...]:
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        load_cards(folder)
    return refused.value.problems


def test_the_shipped_cards() -> None:
    """Six models of four services, by name, each with a date, a source and hosts to fetch from."""
    assert {name: card.model for name, card in CARDS.items()} == {
        "bytecompute/ltx-2.3": "Lightricks/LTX-2.3",
        "deapi/ltx-2.3": "Ltx2_3_22B_Dist_INT8",
        "lightricks/ltx-2.3": "ltx-2-3-pro",
        "runware/ltx-2": "lightricks:ltx@2",
        "runware/ltx-2-fast": "lightricks:2@1",
        "runware/ltx-2.3": "lightricks:ltx@2.3",
    }
    assert list(CARDS) == sorted(CARDS)
    assert {card.status for card in CARDS.values()} == {"live", "retired"}
    assert CARDS["runware/ltx-2.3"].price_ref == "runware/ltx-2.3@2026-03-05"
    assert all(card.source.startswith("https://") and card.hosts and card.notes for card in CARDS.values())


def test_what_bytecompute_sells() -> None:
    """Edges from 512 within 1920x1080 or upright, 4 to 10 s, two frame rates, two prices by area, and that it adjusts by itself."""
    card = CARDS["bytecompute/ltx-2.3"]
    sold = [
        text
        for text in (
            "512x512",
            "510x512",
            "1280x720",
            "1920x1080",
            "1922x1080",
            "1920x1082",
            "720x1280",
            "1080x1920",
            "1080x1922",
            "1082x1920",
        )
        if Size.parse(text) in card.size
    ]
    assert sold == ["512x512", "1280x720", "1920x1080", "720x1280", "1080x1920"]
    assert [length for length in range(12) if length in card.duration_s] == [4, 5, 6, 7, 8, 9, 10]
    assert (card.fps.exact, card.fps.default, card.duration_s.default) == ((25, 50), 25, 5)
    assert [str(card.price.per_second(Size.parse(size))) for size in ("720x1280", "1280x722", "960x960", "1080x1920")] == [
        "0.02",
        "0.04",
        "0.02",
        "0.04",
    ]
    assert (card.inputs.first_frame, card.inputs.last_frame, card.inputs.audio, card.inputs.seed) == (True, True, False, False)
    assert card.negotiation
    assert card.negotiation.pixel_frames is None
    assert card.job_lifetime_s == 24 * 3600


def test_what_deapi_sells() -> None:
    """Edges from 512 to 1024 in steps of 16 and the eight sizes that the guide lists, frames in steps of 8 at 24 a second, sounds of 1 to 11 s, and no list price."""
    card = CARDS["deapi/ltx-2.3"]
    listed = ["1024x576", "896x512", "576x1024", "512x896", "960x416", "1024x432", "768x768", "1024x1024"]
    others = ["512x512", "528x1024", "496x512", "520x512", "1040x512", "960x432"]
    assert [text for text in (*listed, *others) if Size.parse(text) in card.size] == [*listed, "512x512", "528x1024"]
    assert card.frames
    assert str(card.frames) == "49 to 241 in steps of 8"
    assert [count for count in (48, 49, 121, 193, 241, 249) if count in card.frames] == [49, 121, 193, 241]
    assert all((count - 1) % 8 == 0 for count in range(card.frames.min, card.frames.max + 1, card.frames.step))
    assert (card.fps.exact, card.inputs.seed_max, card.price.quote) == ((24,), 4_294_967_295, True)
    assert (str(card.inputs.sound.min_s), str(card.inputs.sound.max_s), card.inputs.sound.max_bytes) == ("1", "11", 20_000_000)
    assert (card.inputs.image.max_bytes, card.inputs.image.urls) == (10_000_000, False)
    assert card.advice
    with pytest.raises(ValueError, match="no list price"):
        card.price.per_second(Size(1024, 576))


def test_what_ltx_2_3_sells() -> None:
    """Six sizes, three lengths, four frame rates, three prices."""
    card = CARDS["runware/ltx-2.3"]
    prices = {str(size): str(card.price.per_second(size)) for size in card.size.exact}
    assert prices == {
        "1920x1080": "0.08",
        "1080x1920": "0.08",
        "2560x1440": "0.16",
        "1440x2560": "0.16",
        "3840x2160": "0.32",
        "2160x3840": "0.32",
    }
    assert (card.duration_s.exact, card.fps.exact, card.fps.default, card.duration_s.default) == ((6, 8, 10), (24, 25, 48, 50), 25, 6)
    assert (card.prompt.min, card.prompt.max, card.sound.switch) == (2, 10000, "settings.audio")
    assert not card.inputs.negative_prompt
    assert not card.inputs.seed


def test_what_ltx_2_sells() -> None:
    """Edges in steps of 64, whole seconds, any whole frame rate, one price, always with sound."""
    card = CARDS["runware/ltx-2"]
    assert Size(1280, 704) in card.size
    assert Size(1920, 1080) not in card.size
    assert Size(2048, 128) in card.size
    assert Size(2112, 128) not in card.size
    assert [length for length in (0, 1, 20, 21) if length in card.duration_s] == [1, 20]
    assert [rate for rate in (0, 1, 120, 121) if rate in card.fps] == [1, 120]
    assert card.price.per_second(Size(128, 128)) == Decimal("0.03")
    assert (card.sound.kind, card.inputs.negative_prompt) == ("always", True)
    assert card.send == {"steps": 40, "CFGScale": 4, "settings.enhancePrompt": False}


def test_what_ltx_2_fast_sells() -> None:
    """Retired, and its price comes from examples, which is said."""
    card = CARDS["runware/ltx-2-fast"]
    assert (card.status, card.replaced_by, card.price.extrapolated) == ("retired", "runware/ltx-2.3", True)
    assert (card.duration_s.exact, card.fps.exact, str(card.size)) == ((6, 8, 10), (25, 50), "1920x1080")
    assert card.sound.switch == "providerSettings.lightricks.generateAudio"


@pytest.mark.parametrize(
    ("was", "instead", "key", "says"),
    [
        ('title = "LTX-2.3"', "", "title", "has no title"),
        ('title = "LTX-2.3"', 'titel = "LTX-2.3"', "titel", "has no setting titel"),
        ('status = "live"', 'status = "alive"', "status", "live"),
        ('status = "live"', 'status = "live"\nreplaced_by = "runware/ltx-2.3"', None, "not replaced"),
        ('name = "runware/ltx-2.3"', 'name = "other/ltx-2.3"', None, "begin with runware/"),
        ("exact = [6, 8, 10]", "exact = [6, 10, 8]", "duration_s", "rising"),
        ("default = 6", "default = 7", "duration_s", "not sold"),
        ("exact = [6, 8, 10]", "exact = [6, 8, 10]\nrange = { min = 1, max = 20 }", "duration_s", "either"),
        ('default = "1920x1080"', 'default = "1280x720"', "size", "not sold"),
        ('default = "1920x1080"', 'default = "1920x1080"\nmost = "1920x1080"', "size", "most needs edge"),
        ('default = "1920x1080"', 'default = "HD"', "size.default", "resolution"),
        ('1920x1080 = "0.08"', "1920x1080 = 0.08", "price.by_size.1920x1080", "quotes"),
        ('1920x1080 = "0.08"', 'extra = "0.08"', None, "exactly the sizes"),
        ('1920x1080 = "0.08"', '1920x1080 = "-1"', "price.by_size.1920x1080", "a number above 0"),
        ("[price.by_size]", '[price]\nusd_per_s = "0.1"\n[price.by_size]', "price", "either"),
        ("[price.by_size]", "[price]\nextrapolated = true\n[price.by_size]", "price", "has `why`"),
        ("[price.by_size]", "[price]\nquote = true\n[price.by_size]", "price", "either"),
        ('switch = "settings.audio"', "", "sound", "path"),
        ("hosts = [", "hosts = []\nother = [", "hosts", "list of texts"),
    ],
)
def test_a_bad_card_is_told_with_its_key(tmp_path: Path, was: str, instead: str, key: str | None, says: str) -> None:
    """Each fault names the file and the key, and what was expected."""
    assert was in GOOD
    found = problems(tmp_path, bad=GOOD.replace(was, instead, 1))
    assert any(problem.column == key and says in problem.message for problem in found), found
    assert {problem.file for problem in found} == {f"{tmp_path.name}/bad.toml"}


def test_all_bad_cards_are_told_at_once(tmp_path: Path) -> None:
    """Three cards, three kinds of fault, one error."""
    found = problems(tmp_path, a=GOOD, b=GOOD, c="name = ", d='name = "x"')
    assert {problem.file for problem in found} == {f"{tmp_path.name}/{name}.toml" for name in "bcd"}
    assert any("already has a card" in problem.message for problem in found)
    assert any("not TOML" in problem.message for problem in found)


def test_a_replacement_has_a_card(tmp_path: Path) -> None:
    """What is recommended instead can be bought here."""
    retired = GOOD.replace('status = "live"', 'status = "retired"\nreplaced_by = "runware/ltx-9"')
    assert "which has no card" in problems(tmp_path, a=retired)[0].message


def test_no_cards_at_all(tmp_path: Path) -> None:
    """An empty folder is told, not taken for a shop without goods."""
    assert "no cards" in problems(tmp_path)[0].message


def test_an_unknown_model_is_told_with_the_nearest() -> None:
    """Did you mean."""
    assert unknown_model("runware/ltx2.3", CARDS).help == "did you mean runware/ltx-2.3?"
    assert "runware/ltx-2-fast" in unknown_model("kling", CARDS).help


def test_steps() -> None:
    """The next step up, never outside."""
    steps = Steps(min=128, max=2048, step=64)
    assert [steps.up(Fraction(value)) for value in (0, 128, 129, 1080, 2048, 9999)] == [128, 128, 192, 1088, 2048, 2048]
    assert Steps(min=1, max=20).up(Fraction(7, 2)) == 4


@pytest.mark.parametrize("make", [lambda: Steps(min=2, max=1), lambda: Steps(min=1, max=10, step=4), lambda: Numbers(default=1)])
def test_ranges_that_are_none(make: Callable[[], object]) -> None:
    """A range that misses its own end, or is upside down, is a slip."""
    with pytest.raises(ValidationError):
        make()


@pytest.mark.parametrize(
    "tiers",
    [
        ({"to_pixels": 5, "usd_per_s": "1"},),
        ({"usd_per_s": "1"}, {"to_pixels": 5, "usd_per_s": "2"}),
        ({"to_pixels": 9, "usd_per_s": "1"}, {"to_pixels": 5, "usd_per_s": "2"}, {"usd_per_s": "3"}),
    ],
)
def test_tiers_that_leave_a_gap(tiers: tuple[dict[str, object], ...]) -> None:
    """Tiers rise, and the last is for all that is larger."""
    with pytest.raises(ValidationError, match="rising order"):
        Price.model_validate({"tiers": tiers})


@pytest.mark.parametrize(("value", "down"), [(0, 512), (512, 512), (515, 514), (1920, 1920), (9999, 1920)])
def test_the_next_step_down(value: int, down: int) -> None:
    """The largest that is sold and not above; the smallest where none is."""
    assert Steps(min=512, max=1920, step=2).down(value) == down
