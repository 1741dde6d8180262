"""Verdicts as a JUnit report, as build servers read it: a case for each expectation, and one for each breach."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from fake_nexmo.scenario.judging import Report

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, however it is written."""


def junit(report: Report) -> str:
    """The whole document.

    What is only to be warned of, and steps that could not be done, stand in ``system-err``.
    """
    name = report.scenario or "scenario"
    broken = [each for each in report.breaches if each.weight == "fail"]
    failures = sum(each.state != "met" for each in report.verdicts) + len(broken)
    suite = ET.Element("testsuite", name=_clean(name), tests=str(len(report.verdicts) + len(broken)))
    suite.set("failures", str(failures))
    suite.set("errors", "0")
    for each in report.verdicts:
        case = ET.SubElement(suite, "testcase", classname=_clean(name), name=_clean(each.said))
        if each.state != "met":
            failure = ET.SubElement(case, "failure", message=_clean(each.why[0]))
            failure.text = _clean("\n".join((*each.why, *each.around)))
    for breach in broken:
        case = ET.SubElement(suite, "testcase", classname=_clean(name), name=_clean(f"strict {breach.rule}"))
        failure = ET.SubElement(case, "failure", message=_clean(breach.what))
        failure.text = _clean("\n".join(breach.why)) or None
    doubtful = [*(each.what for each in report.breaches if each.weight == "warn"), *report.problems]
    if doubtful:
        ET.SubElement(suite, "system-err").text = _clean("\n".join(doubtful))
    ET.indent(suite)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(suite, encoding="unicode")}\n'


def _clean(text: str) -> str:
    return _NO_XML.sub("?", text)
