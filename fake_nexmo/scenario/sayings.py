"""Steps and expectations of a scenario in a few words: what explanations and verdicts call them."""

from __future__ import annotations

from msgspec import UNSET, Struct

from fake_nexmo.scenario.document import CLAIMS, HANDSET_ACTS, Expectation, TimelineStep


def act(step: TimelineStep) -> str:
    """What is done in a step."""
    if step.note is not UNSET:
        return f"note: {step.note}"
    if step.send_sms is not UNSET:
        return f"{step.handset} texts {step.send_sms.to}: {step.send_sms.text!r}"
    if step.call is not UNSET:
        return f"{step.handset} calls {step.call.to}"
    if step.set is not UNSET:
        said = [
            f"{name} {value}" for name in ("balance", "suspended") if (value := getattr(step.set, name)) is not UNSET
        ]
        return f"account {step.account}: {', '.join(said)}"
    if step.do is not UNSET:
        return f"{step.fault if step.fault is not UNSET else step.handset}: {step.do}"
    doing = next(each for each in HANDSET_ACTS if getattr(step, each) is not UNSET)
    return f"{step.handset}: {doing} {getattr(step, doing)}"


def claim_of(each: Expectation) -> str:
    """Which of `CLAIMS` an expectation is."""
    return next(claim for claim in CLAIMS if getattr(each, claim) is not UNSET)


def expectation(each: Expectation) -> str:
    """An expectation, with its name and its bounds."""
    claim = claim_of(each)
    bounds = (("count", each.count), ("before", each.before), ("after", each.after))
    more = [f", {word} {said}" for word, said in bounds if said is not UNSET]
    name = f"{each.as_}: " if each.as_ is not UNSET else ""
    return f"{name}{claim} {_spoken(getattr(each, claim))}{''.join(more)}"


def _spoken(claim: object) -> str:
    if isinstance(claim, list):
        return ", then ".join(claim)
    said = {}
    assert isinstance(claim, Struct), "a claim is a list of names or a match"
    for field in claim.__struct_fields__:
        value = getattr(claim, field)
        if value is not UNSET:
            said[field.rstrip("_")] = _spoken(value) if isinstance(value, Struct | list) else value
    return ", ".join(f"{name} {value}" for name, value in said.items())
