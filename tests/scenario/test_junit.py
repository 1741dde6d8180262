"""The JUnit report: what a build server reads."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from fake_nexmo.scenario.judging import Report
from fake_nexmo.scenario.junit import junit
from fake_nexmo.scenario.strictness import Breach
from fake_nexmo.scenario.verdicts import Verdict

MET = Verdict("message to alice", "message", "", "met")
UNMET = Verdict("call to bob", "call", "", "unmet", why=("Expected: a <call>", "none\x00\ud800"), around=("Nothing.",))


def test_a_report_is_written_whole() -> None:
    """A case for each expectation and each breach; what XML cannot hold is replaced."""
    report = Report(
        scenario="a & b",
        at=0,
        final=True,
        verdicts=(MET, UNMET),
        breaches=(
            Breach("unused_fault", "fail", "The fault", ("once\x00", "more")),
            Breach("unknown_number", "warn", "A number"),
        ),
        problems=("timeline.0",),
    )

    assert (
        junit(report)
        == """\
<?xml version="1.0" encoding="utf-8"?>
<testsuite name="a &amp; b" tests="3" failures="2" errors="0">
  <testcase classname="a &amp; b" name="message to alice" />
  <testcase classname="a &amp; b" name="call to bob">
    <failure message="Expected: a &lt;call&gt;">Expected: a &lt;call&gt;
none??
Nothing.</failure>
  </testcase>
  <testcase classname="a &amp; b" name="strict unused_fault">
    <failure message="The fault">once?
more</failure>
  </testcase>
  <system-err>A number
timeline.0</system-err>
</testsuite>
"""
    )


def test_a_report_without_doubts_has_no_errors() -> None:
    """And is named all the same."""
    suite = ET.fromstring(junit(Report(scenario="", at=0, final=True, verdicts=(MET,))))

    assert (suite.attrib, [each.tag for each in suite]) == (
        {"name": "scenario", "tests": "1", "failures": "0", "errors": "0"},
        ["testcase"],
    )
