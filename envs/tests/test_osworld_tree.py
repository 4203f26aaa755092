"""The accessibility tree of real programs: it holds what they show, whichever way they are asked, and what hangs spoils nothing else."""

import time
from xml.etree import ElementTree

import gymnasium as gym
import pytest
from hub_envs.osworld import doctor
from hub_envs.osworld.client import Desktop

pytestmark = pytest.mark.desktop

SCREENCOORD, SIZE = (f"{{https://accessibility.ubuntu.example.org/ns/component}}{name}" for name in ("screencoord", "size"))

READ = """
import sys
sys.path.append("/run/desktop/lib")
from desktop import bus, tree
if {through_the_bus}:
    bus.Bus._line = lambda self, program, deadline: self._bus  # as with a program that offers no connection
sys.stdout.buffer.write(tree.Reader(bus.Bus()).tree(20).encode())
"""


@pytest.fixture(scope="module")
def desktop():
    try:
        doctor.require("mousepad", "libreoffice")
    except gym.error.DependencyNotInstalled as missing:
        pytest.skip(str(missing))
    from hub_envs.osworld.local import LocalProvider

    with LocalProvider().start() as machine:
        desktop = Desktop(machine.url)
        desktop.execute("printf 'one\\ntwo\\n' > /tmp/lines.txt", shell=True)
        for title, *command in (("lines.txt", "mousepad", "/tmp/lines.txt"), ("Calc", "libreoffice", "--calc")):
            desktop.launch(command)
            ready = {"verification": {"window_exists": title}, "max_wait_time": 60, "check_interval": 0.1}
            desktop.setup("execute_with_verification", {"command": "true", **ready})
        assert desktop.settle(60, looks=4, interval=0.25)
        yield desktop
        desktop.close()


def front(desktop, title):
    desktop.setup("activate_window", {"window_name": title})
    assert desktop.settle(20, looks=3, interval=0.1)


def agrees(desktop):
    """Wait until the tree is what a reader that knows nothing yet finds on either way; return it."""
    deadline = time.monotonic() + 20
    while True:
        assert desktop.settle(20, looks=2, interval=0.1)
        seen = desktop.accessibility_tree()
        others = [desktop.execute(["python", "-c", READ.format(through_the_bus=way)])["output"] for way in (False, True)]
        if others == [seen, seen]:
            return ElementTree.fromstring(seen)
        assert time.monotonic() < deadline, "the trees differ"


def cells(root):
    return {cell.get("name"): cell for cell in root.iter("table-cell")}


def click(desktop, node):
    x, y = map(int, node.get(SCREENCOORD).strip("()").split(","))
    width, height = map(int, node.get(SIZE).strip("()").split(","))
    desktop.act(f"pyautogui.click({x + width // 2}, {y + height // 2})")


def test_what_is_written_in_a_sheet_is_in_its_tree_and_a_cell_is_where_it_says(desktop):
    front(desktop, "Calc")
    click(desktop, cells(agrees(desktop))["C4"])  # the pointer was not over the window before: LibreOffice is wrong then
    desktop.act("pyautogui.write('seen\\n=6*7\\n')")
    found = cells(agrees(desktop))
    assert [found[name].text for name in ("C3", "C4", "C5", "C6")] == [None, "seen", "42", None]
    desktop.act("pyautogui.scroll(-5)")
    assert "A1" not in cells(agrees(desktop))


def test_what_is_written_in_an_editor_is_in_its_tree(desktop):
    front(desktop, "lines.txt")
    desktop.act("pyautogui.hotkey('ctrl', 'home'); pyautogui.write('zero <&>\\n'); pyautogui.hotkey('ctrl', 'f')")
    editor = agrees(desktop).find("application[@name='mousepad']")
    assert "zero <&>\none\ntwo\n" in [node.text for node in editor.iter("text")]
    assert "Down" in [node.get("name") for node in editor.iter("push-button")], "the bar for searching"


def test_a_program_that_hangs_is_missing_and_the_others_are_not(desktop):
    whole = desktop.accessibility_tree()
    desktop.execute("pkill -STOP -x mousepad", shell=True)
    try:
        cut = ElementTree.fromstring(desktop.accessibility_tree())
    finally:
        desktop.execute("pkill -CONT -x mousepad", shell=True)
    assert cut.get("cut") == "true"
    assert cut.find("application/frame[@name='Untitled 1 - LibreOffice Calc']") is not None
    assert len(cells(cut)) > 100
    assert "lines.txt" not in ElementTree.tostring(cut, "unicode")
    assert desktop.settle(20, looks=2, interval=0.1)
    assert desktop.accessibility_tree() == whole, "answers that came too late confuse nothing"


def test_a_program_that_has_ended_is_gone(desktop):
    desktop.execute("pkill -KILL -x mousepad", shell=True)
    assert agrees(desktop).find("application[@name='mousepad']") is None
