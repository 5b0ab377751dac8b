"""project.toml as a whole, as one model: its tables by their names."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Any, Optional

from pydantic import Field, create_model

from callsheet.domain.finding import Judgement
from callsheet.settings.tables.cuts import CutTable, SequenceTable
from callsheet.settings.tables.delivery import DeliveryTable
from callsheet.settings.tables.draft import DraftTable
from callsheet.settings.tables.money import CapTable
from callsheet.settings.tables.music import MusicTable
from callsheet.settings.tables.notices import NotifyTable
from callsheet.settings.tables.project import ProjectTable
from callsheet.settings.tables.services import AttemptsTable, ContinuityTable, LaneTable, NetworkTable
from callsheet.toml_file.table import Table, key


class ProjectFile(Table):
    """project.toml: settings of one project. Every table is optional."""

    project: ProjectTable | None = key("defaults for shots whose row doesn't set them", {})
    draft: DraftTable | None = key("how takes are bought to choose from, before the chosen ones are bought as their rows say", {})
    cap: list[CapTable] | None = key("limits on spending", [])
    lanes: dict[str, LaneTable] | None = key("how a service is used, by its name", {})
    attempts: AttemptsTable | None = key("how often to try", {})
    deliver: dict[str, DeliveryTable] | None = key("formats that every sequence is finished in, by the delivery's name", {})
    params: dict[str, dict[str, Any]] | None = key("parameters for every shot of a model, by the model's name", {})
    qc: dict[str, Annotated[Judgement, Field(strict=False)]] | None = key("what to do about a finding, by its code", {})
    bed: list[MusicTable] | None = key("music and voice-overs", [])
    notify: NotifyTable | None = key("who is told of what happens in a run", {})
    network: NetworkTable | None = key("networks treated like the public one", {})
    sequences: dict[str, SequenceTable] | None = key("settings of one sequence, by its name", {})
    cuts: dict[str, CutTable] | None = key("shorter films, by name", {})
    continuity: ContinuityTable | None = key("shots that begin with a frame of another shot", {})


Verdict = Annotated[Judgement, Field(strict=False)]


@lru_cache(maxsize=4)
def finding_table(codes: tuple[str, ...]) -> type[Table]:
    """The `[qc]` table: a key for each finding code."""
    fields: dict[str, Any] = {
        code.replace("-", "_"): (Optional[Verdict], key(f"what to do about `{code}`", "flag", alias=code))  # noqa: UP045  # built while running
        for code in codes
    }
    return create_model("FindingTable", __base__=Table, **fields)


def project_model(codes: tuple[str, ...]) -> type[ProjectFile]:
    """project.toml with a key for each of these finding codes."""
    fields: dict[str, Any] = {"qc": (Optional[finding_table(codes)], key("what to do about a finding, by its code", {}))}  # noqa: UP045  # likewise
    return create_model("Project", __base__=ProjectFile, **fields)
