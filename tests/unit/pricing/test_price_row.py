"""A row becomes a price: which length, which size, which account, what is refused, and what makes a request a new one."""

from __future__ import annotations

import io
import wave
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from callsheet.assets.shot_files import Inputs
from callsheet.budget.rules.prices import PriceHistory, Row
from callsheet.domain.errors import Problem
from callsheet.domain.shots.shot import Origin, Shot, Size, Status
from callsheet.media.inspect import measure_inputs
from callsheet.pricing.price_row import price, question
from callsheet.pricing.priced import Priced
from callsheet.services.cards.card import load_cards
from callsheet.services.protocol.media_ref import MediaRef
from callsheet.services.registry import SERVICES
from callsheet.settings.load import load
from callsheet.settings.values import Settings
from callsheet.store.house import house_root
from callsheet.transport.account import Account
from tests.unit.standin.plain_form_clients import tone

CARDS = load_cards(house_root() / "configs" / "cards")
ACCOUNTS = {name: Account(name, service.base_url, f"{name} {service.base_url}", own_url=False) for name, service in SERVICES.items()}
SHOT = Shot(list="spot", shot_id="S1", prompt="a pier", origin=Origin("spot.csv", 3, 4), sequence="one", model="runware/ltx-2")
LTX = (ACCOUNTS["runware"].label, "runware/ltx-2")


def settings(folder: Path, toml: str = "") -> Settings:
    """The shipped defaults under a project.toml."""
    (folder / "project.toml").write_text(toml)
    return load(house_root() / "configs" / "defaults.toml", folder / "project.toml")


@pytest.fixture
def defaults(tmp_path: Path) -> Settings:
    """Nothing but the shipped defaults."""
    return settings(tmp_path)


def priced(shot: Shot, settings: Settings, *rows: Row, accounts: Mapping[str, Account] = ACCOUNTS, inputs: Inputs | None = None) -> Priced:
    """The shot at today's cards, with what the ledger's price rows say of LTX-2."""
    return price(shot, settings, CARDS, accounts, PriceHistory(rows={LTX: rows}), inputs or Inputs())


def test_an_empty_cell_takes_the_projects_value_and_else_the_cards(tmp_path: Path) -> None:
    """The row decides, then project.toml, then what the card says."""
    project = settings(tmp_path, '[project]\nfps = "30"\nduration_s = 7\n')
    row, plain = priced(replace(SHOT, fps=Fraction(24), duration_s=Decimal(3)), project).ask, priced(SHOT, project).ask
    assert row
    assert plain
    assert (row.fps, row.duration_s, row.size) == (24, 3, CARDS["runware/ltx-2"].size.default)
    assert (plain.fps, plain.duration_s) == (30, 7)


def test_a_list_price_is_seconds_times_the_cards_price(defaults: Settings) -> None:
    """3 s at 0.03 USD, and the basis says so."""
    quote = priced(replace(SHOT, duration_s=Decimal(3)), defaults).quote
    assert quote
    assert quote.micros == 90_000
    assert "0.03 USD/s" in quote.basis


def test_a_recorded_price_keeps_the_cards_proportions(defaults: Settings) -> None:
    """A person's price is for the default size; it names its source in the basis and in the reference."""
    recorded = Row("recorded", 60_000, "the vendor's page", "2026-11-01")
    quote = priced(replace(SHOT, duration_s=Decimal(3)), defaults, recorded).quote
    assert quote
    assert (quote.micros, quote.price_ref) == (180_000, "runware/ltx-2 recorded from the vendor's page")
    assert "recorded from the vendor's page" in quote.basis


def test_an_overrun_raises_the_hold_and_a_charge_far_beyond_it_freezes(defaults: Settings) -> None:
    """2.5 % more was charged once: as much more is held, rounded up. A frozen model keeps its quote and says why it isn't bought."""
    shot = replace(SHOT, duration_s=Decimal(1))
    quote = priced(shot, defaults, Row("learned", 1_025_001, "S9.t1.a1", "2026-11-01")).quote
    assert quote
    assert quote.micros == 30_751
    assert "2.5001 % that was charged beyond it" in quote.basis
    assert priced(shot, defaults, Row("frozen", 2_000_000, "S9 was charged twice", "2026-11-01")).frozen == "S9 was charged twice"


def test_what_was_written_before_a_new_card_no_longer_counts(defaults: Settings) -> None:
    """A new card's date ends old overruns and old freezes."""
    old = (Row("learned", 1_040_000, "S9", "2026-01-04"), Row("frozen", 2_000_000, "S9", "2026-01-04"))
    item = priced(replace(SHOT, duration_s=Decimal(1)), defaults, *old)
    assert item.quote
    assert (item.quote.micros, item.frozen) == (30_000, "")


def test_a_sound_alone_sets_the_length_and_is_heard_to_its_end(defaults: Settings) -> None:
    """4.03 s of sound buy what the model sells at least of it, and the cut holds whole frames that cover it; a cell's length wins over the sound."""
    sound = MediaRef.of_bytes("voice.wav", tone(4.03), seconds=Fraction(403, 100))
    inputs = Inputs({("audio", "voice.wav"): sound})
    driven = replace(SHOT, model="lightricks/ltx-2.3", audio="voice.wav", fps=Fraction(24))
    item = priced(driven, defaults, inputs=inputs)
    assert item.ask, item.problems
    assert item.ask.duration_s >= Decimal("4.03")
    assert abs(item.used_s - Decimal(97) / 24) < Decimal("0.000001")
    assert replace(item, cut_fps=Fraction(24)).frames == 97
    short = priced(replace(driven, duration_s=Decimal(3)), defaults, inputs=inputs)
    assert short.used_s == 3
    assert short.ask
    assert short.ask.audio
    assert (short.ask.audio.seconds, short.ask.audio.cell) == (3, "voice.wav")
    assert measure_inputs.sound(short.ask.audio.data or b"", "audio/wav").seconds == 3
    with wave.open(io.BytesIO(short.ask.audio.data or b"")) as file:  # a reader that believes the header
        assert file.getnframes() == 3 * file.getframerate()
    assert list(inputs.cut) == [short.ask.audio.sha256]


def test_what_can_not_be_had_is_told_at_its_cell(defaults: Settings) -> None:
    """Row, line and column; an unread file once, as what is wrong with it, and not again as unsupported."""
    unread = Problem(code="no-file", message="refs/pier.png is not there", help="correct the cell")
    shot = replace(SHOT, first_frame="refs/pier.png", last_frame="refs/night.png")
    item = priced(shot, defaults, inputs=Inputs(wrong={("first_frame", "refs/pier.png"): unread}))
    assert item.ask is None
    assert item.quote is None
    where = [(one.file, one.row, one.line, one.column, one.shot) for one in item.problems]
    assert where == [("spot.csv", 3, 4, column, "S1") for column in ("first_frame", "last_frame")]


def test_an_omitted_row_has_no_problems(defaults: Settings) -> None:
    """What is not bought need not be right."""
    wrong = replace(SHOT, last_frame="refs/night.png")
    assert priced(wrong, defaults).problems
    assert not priced(replace(wrong, status=Status.OMIT), defaults).problems


def test_an_unknown_model_is_told_with_the_nearest_name(defaults: Settings) -> None:
    """At the model's cell, without a price or a fingerprint."""
    item = priced(replace(SHOT, model="runware/ltx-22"), defaults)
    [problem] = item.problems
    assert (problem.column, item.quote, item.request_print) == ("model", None, "")
    assert "runware/ltx-2" in problem.help


def test_a_service_that_the_project_does_not_list_is_sent_nothing(tmp_path: Path) -> None:
    """Where project.toml lists services, any other is a problem of the row; without a list every service may be used."""
    [problem] = priced(SHOT, settings(tmp_path, '[project]\nservices = ["deapi"]\n')).problems
    assert (problem.code, problem.column) == ("service-not-listed", "model")
    assert not priced(SHOT, settings(tmp_path)).problems


def test_a_retired_model_is_sold_no_more_by_its_vendor_only(defaults: Settings) -> None:
    """At an address of the user's own, such as a stand-in's, somebody may still sell it."""
    old = replace(SHOT, model="runware/ltx-2-fast")
    gone = priced(old, defaults).gone
    assert gone
    assert gone.code == "retired"
    own = replace(ACCOUNTS["runware"], own_url=True)
    assert priced(old, defaults, accounts={**ACCOUNTS, "runware": own}).gone is None


@pytest.mark.parametrize(
    ("cell", "same"),
    [
        ({"prompt": "a pier at dusk"}, False),
        ({"seed": 7}, False),
        ({"sound": False}, False),
        ({"note": "again, please", "priority": 1, "takes": 3}, True),
        ({"title": "[0.5-1; top] THE PIER"}, True),
    ],
)
def test_only_what_reaches_the_request_makes_it_a_new_one(cell: Mapping[str, object], *, same: bool, defaults: Settings) -> None:
    """Law of reuse: the author's fingerprint changes with what is filmed, and with nothing else."""
    changed = priced(replace(SHOT, **cell), defaults)  # type: ignore[arg-type]
    assert (changed.author_print == priced(SHOT, defaults).author_print) is same


def test_a_shipped_default_is_no_wish_of_the_authors(tmp_path: Path) -> None:
    """The same seven seconds: given in project.toml they are the author's; a new default of ours would not be."""
    ours, theirs = priced(SHOT, settings(tmp_path)), priced(SHOT, settings(tmp_path, "[project]\nduration_s = 5\n"))
    assert ours.ask == theirs.ask
    assert ours.request_print == theirs.request_print
    assert ours.author_print != theirs.author_print


def test_a_file_counts_by_its_content(defaults: Settings) -> None:
    """Another name for the same picture buys nothing again; another picture does."""
    png = b"\x89PNG\r\n\x1a\n"

    def author_print(cell: str, data: bytes) -> str:
        picture = MediaRef.of_bytes(cell, data, size=Size(1280, 704))
        return priced(replace(SHOT, first_frame=cell), defaults, inputs=Inputs({("first_frame", cell): picture})).author_print

    assert author_print("pier.png", png + b"1") == author_print("other.png", png + b"1")
    assert author_print("pier.png", png + b"1") != author_print("pier.png", png + b"2")


def test_the_question_for_a_price_is_one_for_equal_purchases(defaults: Settings) -> None:
    """Asked once for many rows; a service that has no such question is asked nothing."""
    asks = [priced(replace(SHOT, model="deapi/ltx-2.3", duration_s=Decimal(n)), defaults).ask for n in (3, 3, 4)]
    questions = [question("deapi", one) for one in asks if one]
    assert len(questions) == 3
    assert questions[0] == questions[1] != questions[2]
    ask = priced(SHOT, defaults).ask
    assert ask
    assert question("runware", ask) is None
