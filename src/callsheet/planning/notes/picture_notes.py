"""What finishing does to the bought pictures, known before anything is spent: cropping, bars, enlargement. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from callsheet.cutting.conform import fitting
from callsheet.domain.cut import Delivery
from callsheet.domain.delivery.fitting import Fitting, Frame
from callsheet.domain.money import Micros, text
from callsheet.domain.shots.picture_geometry import around, inside
from callsheet.domain.shots.shot import Shape, Shot, Size
from callsheet.domain.wording import listed
from callsheet.pricing.priced import Priced

#: a smaller enlargement isn't visible
_ENLARGED = Fraction(102, 100)
#: a share of less than half a row of pixels isn't worth a line
_SHARE = Fraction(1, 1000)
#: the cost of a row at another size, micro-USD; None if its model doesn't sell it
Repriced = Callable[[Shot, Size], Micros | None]


@dataclass(frozen=True, slots=True)
class Picture:
    """How a bought picture fits a delivery's frame; shares are of the bought picture and of the frame."""

    bought: Size
    #: cropped because the model sells no size in the wanted shape
    trimmed: Fraction
    #: cropped because the delivery crops to its shape
    cropped: Fraction
    #: the share of the frame without picture, or with a blurred copy of it
    bars: Fraction
    #: the enlargement of the picture in the frame
    enlarged: Fraction

    @classmethod
    def of(cls, bought: Size, fit: Fitting, frame: Size) -> Picture:
        """The picture of a clip as it was bought."""
        seen = Size(*fit.trim.kept) if fit.trim else bought
        aspect = Fraction(seen.width, seen.height)
        whole, cover = inside(aspect, frame), around(aspect, frame)
        crops = fit.frame is Frame.CROP and whole != frame
        shown = cover if crops else whole
        return cls(
            bought,
            trimmed=fit.trim.lost if fit.trim else Fraction(0),
            cropped=1 - Fraction(frame.pixels, cover.pixels) if crops else Fraction(0),
            bars=Fraction(0) if crops else 1 - Fraction(whole.pixels, frame.pixels),
            enlarged=max(Fraction(shown.width, seen.width), Fraction(shown.height, seen.height)),
        )

    def words(self, fit: Fitting) -> list[str]:
        """The plan's note; nothing if the picture is shown as it was bought."""
        words: list[str] = []
        if self.trimmed > _SHARE and fit.trim:
            words.append(f"{_percent(self.trimmed)} of each {self.bought} picture is cropped to the shape that you asked for")
        if self.cropped > _SHARE:
            words.append(f"{_percent(self.cropped)} of the picture is cropped to fill the frame")
        if self.bars > _SHARE:
            words.append(f"{_percent(self.bars)} of the frame is {'a blurred copy' if fit.frame is Frame.BLUR else 'black bars'}")
        if self.enlarged >= _ENLARGED:
            words.append(f"enlarged {float(self.enlarged):.2f}x")
        return words


def picture_notes(priced: Sequence[Priced], deliveries: Sequence[Delivery], repriced: Repriced) -> Iterator[str]:
    """One line for each delivery and kind of picture, with its shots and the extra cost of the native size."""
    for delivery in deliveries:
        shots: dict[str, list[Priced]] = {}
        told: dict[tuple[object, ...], str] = {}  # most rows of a list are bought and fitted alike
        for row in priced:
            item = row.shown_in(delivery.size)[0]
            bought = item.ask or item.own
            if bought is None:
                continue
            alike = (bought.size, item.trim, item.shot.fit, item.shot.focus)
            words = told.get(alike)
            if words is None:
                fit = fitting(item.shot, delivery, item.trim)
                words = told[alike] = "; ".join(Picture.of(bought.size, fit, delivery.size).words(fit))
            if words:
                shots.setdefault(words, []).append(item)
        for words, items in shots.items():
            more = _native(items, delivery.size, repriced) if "enlarged" in words else ""
            yield f"{delivery.name} {delivery.size}: {words}{more} ({listed(list(dict.fromkeys(item.shot.shot_id for item in items)), 4)})"


def shape_notes(priced: Sequence[Priced], deliveries: Sequence[Delivery]) -> Iterator[str]:
    """What rows in further shapes cost, which deliveries use them, and what would happen to the row's own picture there."""
    bought: dict[Shape, list[tuple[Priced, Priced]]] = {}
    for row in priced:
        for item in row.also:
            if item.ask and item.shot.shape:
                bought.setdefault(item.shot.shape, []).append((row, item))
    for shape, pairs in bought.items():
        cost = text(sum(item.quote.micros * item.shot.takes for _, item in pairs if item.quote))
        names = listed([row.shot.shot_id for row, _ in pairs], 4)
        mine = [one for one in deliveries if shape.like(one.size)]
        if not mine:
            yield f"also {shape}: {cost} USD at list price, but no delivery has that shape, so no film uses the clips ({names})"
        for delivery in mine:
            saved: dict[str, None] = {}
            for row, _ in pairs:
                fit = fitting(row.shot, delivery, row.trim)
                if row.ask:
                    words = Picture.of(row.ask.size, fit, delivery.size).words(fit)
                    saved[": ".join([f"{row.ask.size}", *([", ".join(words)] if words else [])])] = None
            without = f"without it, the film uses clips of {listed(list(saved), 2)}"
            yield f"also {shape}: {cost} USD at list price for {delivery.name} {delivery.size}; {without} ({names})"


def _native(items: Sequence[Priced], size: Size, repriced: Repriced) -> str:
    """The extra cost of the same shots at the delivery's own size, if their models sell it."""
    prices: Mapping[str, Micros | None] = {item.shot.shot_id: repriced(item.shot, size) for item in items}
    more = 0
    for item in items:
        price = prices[item.shot.shot_id]
        if price is None or item.quote is None:
            return ""
        more += (price - item.quote.micros) * item.shot.takes
    if more == 0:
        return f"; native {size} costs the same"
    return f"; native {size} costs {text(more)} more" if more > 0 else f"; native {size} costs {text(-more)} less"


def _percent(share: Fraction) -> str:
    return f"{float(share * 100):.1f} %"
