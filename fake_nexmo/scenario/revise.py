"""What an edited scenario changes in a live world: two models and the live records in, a change out. Pure.

Two models are compared, not a model and a world. What both say alike stays as it is in the world, whatever became of it
there: messages, calls, verifications, a balance that was spent from, a phone that was switched off, a fault that was
disarmed. What the edit says otherwise is as it says from now on; of an account, application, number or phone, only the
facts that it says otherwise. What only the world has (a number that was bought, a phone that a test declared) stays.

Doubt: "replaces" is read that narrowly since the format wants a balance left alone that the edit leaves alone, and
gives no reason why any other fact should be treated worse.

Source: scenario format, "Names of operations", reload of an edited file.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from msgspec.structs import replace

from fake_nexmo.core.change import Change
from fake_nexmo.core.moment import Moment
from fake_nexmo.keys.pair import KeyPair
from fake_nexmo.scenario.document import Document
from fake_nexmo.scenario.edit import Edit, Live, Revision, diff, worlds_of
from fake_nexmo.scenario.model import WorldFacts
from fake_nexmo.scenario.replot import replot
from fake_nexmo.scenario.revise_around import Around
from fake_nexmo.scenario.revise_who import Who
from fake_nexmo.scenario.telling import LISTED
from fake_nexmo.scenario.vocabulary import Vocabulary


def wanting(document: Document, live: Live) -> WorldFacts:
    """The accounts and applications that must be made for an edit: their credentials are drawn by whoever knows all."""
    old, new = worlds_of(document, live)
    accounts = diff(old.accounts, new.accounts).added
    applications = diff(old.applications, new.applications)
    missing = [name for name in applications.changed if name not in live.applications]
    return WorldFacts(
        accounts={name: new.accounts[name] for name in accounts},
        applications={name: new.applications[name] for name in (*applications.added, *missing)},
    )


def revise(
    document: Document,
    live: Live,
    made: Change,
    taken: Collection[str],
    draw_pair: Callable[[], KeyPair],
    vocabulary: Vocabulary,
    moment: Moment,
) -> Revision:
    """The change that makes a live world what an edited scenario says.

    Args:
        document: the scenario as it is now.
        live: the world, with the scenario as it was.
        made: the change that makes what is `wanting`.
        taken: credentials that other worlds have, as they are claimed.
        draw_pair: a key pair that the world has not taken yet.
        vocabulary: the names that the scenario may use.
        moment: of the edit.

    Raises:
        ScenarioError: a fact that cannot be in this world; nothing is to be changed.
    """
    edit = Edit(document, live, made, taken, draw_pair, vocabulary, moment)
    who, around = Who(edit), Around(edit)
    who.accounts()
    who.applications()
    who.numbers()
    around.people()
    around.weather()
    _plot(edit)
    return edit.revision()


def _plot(edit: Edit) -> None:
    """The timeline, and the scenario itself; seed and clock stay as the world was made with them."""
    going = edit.live.going
    told = replot(going, edit.document, edit.names.handsets, edit.moment)
    edit.rest += told.change
    counts = [f"{count} {word}" for count, word in ((told.added, "added"), (told.removed, "removed")) if count]
    if counts:
        edit.news.append(f"timeline: {', '.join(counts)}")
    for part in ("expect", "ends", "strict", "scenario"):
        if getattr(edit.document, part) != getattr(edit.said, part):
            edit.news.append(f"{part} changed")
    said = replace(edit.document, seed=edit.said.seed, clock=edit.said.clock)
    if said != edit.said or list(said.faults) != list(edit.said.faults):
        edit.put(replace(going.script, said=said))


def lines(revision: Revision, fixed: Collection[str] = ()) -> Sequence[str]:
    """What is told of an edit that was taken, in one line or a few; of what is ``fixed`` elsewhere, nothing."""
    restart = [each for each in revision.restart if each not in fixed]
    left = len(revision.news) - LISTED
    shown = revision.news if left <= 1 else (*revision.news[:LISTED], f"and {left} more")
    told = [f"reloaded: {'; '.join(shown)}"] if shown else []
    if restart:
        told.append(f"{' and '.join(restart)} changed, which takes a restart")
    told += [f"{each!r} belongs to another world, so it is not taken" for each in revision.kept]
    return told or ["reloaded: nothing that matters changed"]
