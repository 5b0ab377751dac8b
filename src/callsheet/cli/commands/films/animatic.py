"""`callsheet animatic`."""

from __future__ import annotations

from callsheet.cli.options import HERE, Common, ListFile
from callsheet.cli.output.answer import Answer, say
from callsheet.cli.output.errors import problem_lines
from callsheet.cli.output.outcome_text import film_problems
from callsheet.cli.output.progress import event_line
from callsheet.domain.errors import Exit
from callsheet.domain.run_request import RunRequest
from callsheet.domain.timebase import seconds
from callsheet.report.documents import animatic_document
from callsheet.runs.animatic import Animatic, animatics
from callsheet.store.project_folder import Project


def animatic(list: ListFile = None, /, *, common: Common = HERE) -> Answer:
    """Make each sequence out of stills and slates."""
    made = animatics(RunRequest(folder=common.project.folder, list=common.the_list(list), buy=False), lambda told: say(event_line(told)))
    problems = film_problems([one.film for one in made], common.project)
    return Answer(
        exit=Exit.DELIVERY if problems else Exit.DONE,
        problems=problems,
        notes=problem_lines(problems),
        document=animatic_document([(one.film, one.slates) for one in made], common.project),
        lines=[_line(one, common.project) for one in made],
    )


def _line(one: Animatic, project: Project) -> str:
    film, fps = one.film, one.film.delivery.fps
    left = sum(shot.frames for shot in film.shots if shot.shot in one.slates)
    slates = f"{len(one.slates)} of {len(film.shots)} shots ({float(seconds(left, fps)):.1f} s) still slates: {', '.join(one.slates)}"
    return (
        f"{project.relative(film.file)}: {float(seconds(film.frames, fps)):.1f} s, {slates if one.slates else 'every shot has a picture'}"
    )
