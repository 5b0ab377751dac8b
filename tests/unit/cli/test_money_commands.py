"""costs, reconcile, export and cards as a person calls them, on a project that was really rendered."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from beancount import loader

from tests.unit.cli.calling import LIST, Said, call, project, service
from tests.unit.cli.conftest import Rendered

SHORT = "shot_id,prompt,model,duration_s,resolution,fps\nA010,A boat leaves the harbour,runware/ltx-2,1,320x192,24\n"


def bill(folder: Path) -> list[tuple[str, str]]:
    """What the attempts of a project cost, as an invoice would have it: key and amount."""
    takes = call("status", "--json", "-C", str(folder)).json["takes"]
    return [(attempt["key"], attempt["settled"]) for take in takes for attempt in take["attempts"]]


def reconcile(folder: Path, charges: list[tuple[str, str]], *more: str) -> Said:
    (folder / "bill.csv").write_text("taskUUID,cost\n" + "".join(f"{key},{usd}\n" for key, usd in charges))
    return call("reconcile", "--invoice", "bill.csv", *more, "-C", str(folder))


def test_costs_tell_what_the_money_came_to(filmed: Rendered) -> None:
    """3.5 s paid (a length of 1.5 s is sold as 2), 2.5 s in the cut: the second take of a shot stands in none."""
    told = call("costs", "-C", str(filmed.folder), "--json").json
    figures = told["figures"]
    assert (figures["lists"], figures["settled"]) == (["spot"], told["money"]["settled"])
    assert (figures["paid_s"], figures["used_s"], figures["unused_s"]) == (4, 2.5, 1.5)
    assert (figures["per_finished_s"], figures["retakes"], figures["retake_share"]) == ("0.048", "0.00", 0)
    assert {
        (one["model"], one["resolution"], one["fps"], one["duration_s"], one["share"], one["receipts"]) for one in figures["receipts"]
    } == {
        ("runware/ltx-2", "320x192", "24", 1, 1, 2),
        ("runware/ltx-2", "320x192", "24", 2, 1, 1),
    }
    assert (
        "a finished second costs 0.048 USD: 2.5 s are in the cut, 4 s were paid, 1.5 s of them unused"
        in call("costs", "-C", str(filmed.folder)).out
    )


def test_costs_of_a_list_that_is_gone_or_broken_still_tell_the_money(copied: Path) -> None:
    """What can't be counted is said, not guessed."""
    (copied / "spot.csv").write_text(LIST.replace(",1,320x192", ",one,320x192"))
    broken = call("costs", "-C", str(copied), "--json")
    (copied / "spot.csv").unlink()
    gone = call("costs", "-C", str(copied), "--json")
    assert (broken.code, gone.code) == (0, 0)
    assert "spot.csv can't be read as a list" in broken.json["notes"][0]
    assert gone.json["notes"] == ["the list spot can't be read in this folder, so its takes are left out of the figures per second"]
    assert gone.json["figures"]["per_finished_s"] is None
    assert gone.json["groups"]


def test_a_forecast_of_what_is_still_to_buy(copied: Path) -> None:
    """By the receipts where there are any of the kind."""
    (copied / "spot.csv").write_text(LIST + "A030,two,A gull,runware/ltx-2,2,320x192,24,1\nA040,two,A crab,runware/ltx-2,5,320x192,24,1\n")
    left = call("costs", "spot.csv", "-C", str(copied), "--json").json["figures"]["left"]
    assert left == {"takes": 2, "price": "0.21", "expected": "0.21", "from_receipts": 1}
    assert "still to buy: 2 takes, 0.21 USD at list price, 0.21 expected (receipts for 1 of them)" in call("costs", "-C", str(copied)).out


def test_an_invoice_that_agrees(copied: Path) -> None:
    """Nothing differs, nothing is asked of a person."""
    said = reconcile(copied, bill(copied))
    assert (said.code, said.out) == (0, "invoice: 0.12 USD: 3 agrees\n")


def test_differences_are_shown_first_and_booked_on_yes(copied: Path) -> None:
    """Dry by default; exit 6 says that a person is asked; the second time there is nothing to do."""
    charges = [(key, "0.025" if usd == "0.03" else usd) for key, usd in bill(copied)]
    dry = reconcile(copied, charges)
    assert dry.code == 6
    assert "correct by -0.005" in dry.out
    assert "2 differs" in dry.out
    assert "nothing was booked: --yes books 2" in dry.out
    assert "bill.csv" in dry.err
    done = reconcile(copied, charges, "--yes")
    assert (done.code, "2 booked" in done.out) == (0, True)
    assert reconcile(copied, charges, "--yes").out == "invoice: 0.11 USD: 3 agrees\n"
    assert call("status", "--json", "-C", str(copied)).json["money"]["settled"] == "0.11"


def test_unknown_charges_are_for_a_person(copied: Path) -> None:
    """Also with --yes; the line's number is told."""
    said = reconcile(copied, [*bill(copied), ("6f1d8c52-1b7e-4a53-9a53-000000000000", "0.30")], "--yes", "--json")
    [problem] = said.json["errors"]
    assert (said.code, problem["file"], problem["line"], problem["help"]) == (
        6,
        "bill.csv",
        5,
        "not in this ledger: ask the service what it was",
    )


def test_an_invoice_that_can_not_be_read_books_nothing(copied: Path) -> None:
    """Every bad line at once, exit 3."""
    said = reconcile(copied, [("a", "x"), *bill(copied), ("", "1")], "--yes", "--json")
    assert (said.code, [problem["line"] for problem in said.json["errors"]]) == (3, [2, 6])
    missing = call("reconcile", "--invoice", "none.csv", "-C", str(copied))
    assert (missing.code, "none.csv can't be read" in missing.err) == (3, True)


def test_the_services_own_account(tmp_path: Path) -> None:
    """A first reading is kept on --yes; later the service and the ledger say the same, or the gap is told."""
    folder = project(tmp_path / "film", SHORT)
    where = ("-C", str(folder))
    with service(tmp_path):
        assert call("render", "spot.csv", "--cap", "1", "--yes", "--no-prefect", *where).code == 0
        first = call("reconcile", "--account", *where)
        assert (first.code, "first reading; there is nothing to compare it with yet" in first.out) == (0, True)
        assert "nothing was saved: --yes saves this reading" in first.out
        assert call("reconcile", "--account", "--yes", *where).code == 0
        project(folder, SHORT + "A030,A gull,runware/ltx-2,2,320x192,24\n")
        assert call("render", "spot.csv", "--yes", "--no-prefect", *where).code == 0
        again = call("reconcile", "--account", *where, "--json")
        assert (again.code, again.json["spent"], again.json["ledger"], again.json["agrees"]) == (0, "0.06", "0.06", True)
        reconcile(folder, [(bill(folder)[0][0], "0.01")], "--yes")
        gap = call("reconcile", "--account", *where)
    assert gap.code == 6
    assert "the service says 0.02 USD more than the ledger has booked" in gap.err


def test_what_to_compare_with_must_be_said(copied: Path) -> None:
    """One of the two."""
    assert call("reconcile", "-C", str(copied)).code == 2
    assert call("reconcile", "--account", "--invoice", "x.csv", "-C", str(copied)).code == 2
    assert call("reconcile", "--account", "--service", "runaway", "-C", str(copied)).code == 2
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    early = call("reconcile", "--invoice", "x.csv", "--complete-until", today, "-C", str(copied))
    assert (early.code, f"up to the end of {today}, which isn't over" in early.err) == (2, True), early.err


def test_the_book_is_exported_with_who_pays(copied: Path) -> None:
    """bean-check's own loader takes it; the table has as many rows."""
    (copied / "project.toml").write_text('[project]\nname = "Lighthouse"\nclient = "Ost & Nord"\njob = "J-1042"\npurchase_order = "PO 7"\n')
    text = call("export", "--format", "beancount", "out/book.beancount", "-C", str(copied), "--json")
    table = call("export", "--format", "parquet", "out/book.parquet", "-C", str(copied))
    found, errors, _ = loader.load_file(str(copied / "out" / "book.beancount"))
    assert (text.code, table.code, errors, text.json["entries"]) == (0, 0, [], 6)
    assert len([one for one in found if one.meta.get("client") == "Ost & Nord"]) == 6
    assert table.out == "out/book.parquet: 6 entries, 0.12 USD spent\n"
    assert (copied / "out" / "book.parquet").is_file()


def test_a_project_without_a_ledger_has_nothing_to_export(tmp_path: Path) -> None:
    """Exit 3, and nothing is made."""
    assert call("export", "--format", "beancount", "x", "-C", str(tmp_path)).code == 3
    assert call("reconcile", "--account", "-C", str(tmp_path)).code == 3
    assert list(tmp_path.iterdir()) == []


def test_a_recorded_price_is_in_the_next_plan(copied: Path) -> None:
    """At every size in proportion, with its source beside it."""
    (copied / "spot.csv").write_text(LIST + "A030,two,A gull,runware/ltx-2,2,320x192,24,1\n")
    said = call("cards", "price", "runware/ltx-2", "--usd-per-s", "0.05", "--source", "their page", "-C", str(copied), "--json")
    assert (said.code, said.json["usd_per_s"]) == (0, "0.05")
    assert call("plan", "spot.csv", "-C", str(copied), "--json").json["totals"]["price"] == "0.10"
    wrong = call("cards", "price", "runware/ltx-9", "--usd-per-s", "0.05", "--source", "their page", "-C", str(copied))
    assert (wrong.code, "did you mean runware/ltx-2" in wrong.err) == (3, True)
    assert call("cards", "price", "runware/ltx-2", "--usd-per-s", "0", "--source", "x", "-C", str(copied)).code == 2
