"""The provider `local`: a real desktop in a sandbox, what it answers, what it cannot reach, and that nothing of it stays."""

import http.client
import io
import json
import os
import signal
import socket
import string
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import gymnasium as gym
import pytest
from hub_envs.osworld import doctor
from hub_envs.osworld.provider import Machine, Provider

pytestmark = pytest.mark.desktop

TREE = "{https://accessibility.ubuntu.example.org/ns/%s}%s"


@pytest.fixture(scope="module", autouse=True)
def programs():
    try:
        doctor.require("mousepad", "xfce4-terminal")
    except gym.error.DependencyNotInstalled as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="module")
def machine():
    from hub_envs.osworld.local import LocalProvider

    with LocalProvider().start() as machine:
        yield machine


def ask(machine, method, path, body=b"", kind="application/json"):
    """Return status and body of an answer."""
    connection = http.client.HTTPConnection(machine.url.removeprefix("http://"), timeout=60)
    try:
        connection.request(method, path, body, {"Content-Type": kind})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def post(machine, path, /, **values):
    status, body = ask(machine, "POST", path, json.dumps(values).encode())
    try:
        return status, json.loads(body)
    except ValueError:
        return status, body.decode()


def shell(machine, command):
    """Return what a command printed inside."""
    status, answer = post(machine, "/execute", command=command, shell=True)
    assert status == 200, answer
    return answer["output"] + answer["error"]


def act(machine, code):
    answer = post(machine, "/act", code=code)[1]
    assert answer["status"] == "success", answer


def upload(machine, path, data):
    boundary = b"7d1"
    form = b'--%b\r\nContent-Disposition: form-data; name="file_path"\r\n\r\n%b\r\n' % (boundary, path.encode())
    form += b'--%b\r\nContent-Disposition: form-data; name="file_data"; filename="f"\r\nContent-Type: x/y\r\n\r\n%b\r\n' % (boundary, data)
    return ask(machine, "POST", "/setup/upload", form + b"--%b--\r\n" % boundary, f"multipart/form-data; boundary={boundary.decode()}")


def download(machine, path):
    return ask(machine, "POST", "/file", f"file_path={path}".encode(), "application/x-www-form-urlencoded")


def eventually(observe, wanted):
    """Wait until what is observed is as wanted: on a busy computer a program may take its time to do what it was told."""
    deadline = time.monotonic() + 20
    while not wanted(seen := observe()):
        assert time.monotonic() < deadline, seen
        time.sleep(0.1)
    return seen


def open_window(machine, title, *command):
    post(machine, "/setup/launch", command=list(command))
    status, answer = post(machine, "/setup/activate_window", window_name=title)
    assert status == 200, answer
    assert json.loads(ask(machine, "GET", "/idle?limit=20")[1])["still"]


def close_mousepad(machine):
    assert post(machine, "/setup/close_window", window_name="mousepad")[0] == 200
    eventually(lambda: shell(machine, "pgrep -x mousepad"), lambda pids: not pids)  # a new one would join one that is about to end


def elements(machine):
    return ElementTree.fromstring(json.loads(ask(machine, "GET", "/accessibility")[1])["AT"])


def namespace_of(pid):
    return Path(f"/proc/{pid}/ns/pid").readlink()


def inhabitants(namespace):
    """Return the processes of this computer that live in a sandbox."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "ns/pid").readlink() == namespace:
                found.append(process.name)
        except OSError:
            continue
    return found


# What it is


def test_is_a_machine_of_a_provider(machine):
    from hub_envs.osworld.local import LocalProvider

    provider: Provider = LocalProvider(screen=(800, 600))
    assert provider.screen == (800, 600)
    kept: Machine = machine
    assert kept.url.startswith("http://127.0.0.1:")
    assert kept.chromium_url != kept.url


def test_screen_is_a_picture_with_the_pointer_in_it(machine):
    from PIL import Image, ImageChops

    pictures = []
    for place in (1000, 1100):
        act(machine, f"pyautogui.moveTo({place}, 700)")
        assert json.loads(ask(machine, "GET", "/cursor_position")[1]) == [place, 700]
        status, png = ask(machine, "GET", "/screenshot")
        assert status == 200
        pictures.append(Image.open(io.BytesIO(png)))
        raw = ask(machine, "GET", "/screenshot.raw")[1]
        assert Image.frombytes("RGB", machine.screen, raw).tobytes() == pictures[-1].tobytes()
    assert pictures[0].size == machine.screen == (1280, 800)
    left, top, right, bottom = ImageChops.difference(*pictures).getbbox()
    assert 980 < left <= 1000, "the pointer was there before"
    assert 1100 < right < 1130, "and is here now"
    assert 680 < top <= 700 < bottom < 730
    assert post(machine, "/screen_size")[1] == {"width": 1280, "height": 800}


def test_commands_answer_as_in_osworld(machine):
    assert ask(machine, "GET", "/platform")[1] == b"Linux"
    done = post(machine, "/execute", command=["sh", "-c", "echo out; echo err >&2; exit 3"])
    assert done == (200, {"status": "success", "output": "out\n", "error": "err\n", "returncode": 3})
    assert post(machine, "/setup/execute", command="echo ~ $HOME", shell=True)[1]["output"] == "/home/user /home/user\n"
    status, answer = post(machine, "/execute", command=["no-such-program"])
    assert status == 500
    assert "no-such-program" in answer["message"]
    assert post(machine, "/execute", command="sleep 60 & echo left", shell=True)[1]["output"] == "left\n", "nobody waits for what stays"
    ran = post(machine, "/run_python", code="import pyautogui; print(pyautogui.size().width)")[1]
    assert (ran["status"], ran["output"], ran["returncode"]) == ("success", "1280\n", 0)
    failed = post(machine, "/run_bash_script", script="pwd; exit 2", working_dir="/tmp")[1]
    assert (failed["status"], failed["output"], failed["returncode"]) == ("error", "/tmp\n", 2)
    assert post(machine, "/run_bash_script", script="sleep 9", timeout=0.2)[0] == 500
    assert "identity" not in shell(machine, "python -c 'import mouseinfo' 2>&1 | head -1")


def test_verified_commands_wait_for_what_they_promise(machine):
    command = "(sleep 0.3; touch /tmp/ready) >/dev/null &"
    wanted = {"command_success": "test -e /tmp/ready"}
    status, answer = post(machine, "/setup/execute_with_verification", command=command, shell=True, verification=wanted, check_interval=0.1)
    assert (status, answer["verification"]) == (200, "passed")
    asked = {"command": "true", "verification": {"window_exists": "no such window"}, "max_wait_time": 0.2, "check_interval": 0.1}
    status, answer = post(machine, "/setup/execute_with_verification", **asked)
    assert (status, answer["status"]) == (500, "verification_failed")


def test_files_come_and_go_unchanged(machine):
    data = bytes(range(256)) * 5 + b"\r\n--7d\r\n"
    assert upload(machine, "/home/user/new/file.bin", data) == (200, b"File Uploaded")
    assert download(machine, "/home/user/new/file.bin") == (200, data)
    assert download(machine, "~/new/file.bin") == (200, data)
    status, answer = download(machine, "/home/user/none")
    assert status == 404
    assert b"/home/user/none" in answer
    tree = post(machine, "/list_directory", path="/home/user/new")[1]["directory_tree"]
    assert tree == {"type": "directory", "name": "new", "children": [{"type": "file", "name": "file.bin"}]}
    assert post(machine, "/list_directory", path="/none")[0] == 400
    assert post(machine, "/desktop_path")[1] == {"desktop_path": "/home/user/Desktop"}


def test_wallpaper_is_shown_and_given_back(machine):
    from PIL import Image

    assert post(machine, "/wallpaper")[0] == 404
    file = io.BytesIO()
    Image.new("RGB", (64, 40), (10, 200, 30)).save(file, "PNG")
    upload(machine, "/tmp/green.png", file.getvalue())
    assert post(machine, "/setup/change_wallpaper", path="/tmp/green.png")[0] == 200
    screen = Image.frombytes("RGB", machine.screen, ask(machine, "GET", "/screenshot.raw")[1])
    assert screen.getpixel((5, 795)) == (10, 200, 30)
    assert ask(machine, "POST", "/wallpaper")[1] == file.getvalue()


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("/nothing", b"{}", 404, b"/nothing"),
        ("/execute", b"{", 400, b"JSON"),
        ("/execute", b"{}", 400, b"command"),
        ("/setup/download_file", b'{"url": "http://x.org/f"}', 501, b"no network"),
        ("/start_recording", b"", 501, b"no films"),
        ("/setup/open_file", b'{"path": "/none"}', 404, b"/none"),
        ("/setup/upload", b"", 400, b"required"),
    ],
)
def test_what_cannot_be_done_is_said(machine, path, body, status, said):
    answer = ask(machine, "POST", path, body)
    assert answer[0] == status
    assert said in answer[1]


# Actions


def test_an_action_that_fails_or_hangs_leaves_the_next_unharmed(machine):
    failed = post(machine, "/act", code="print('so far'); kept = 1; 1 / 0")[1]
    assert (failed["status"], failed["output"], failed["returncode"]) == ("error", "so far\n", 1)
    assert "ZeroDivisionError" in failed["error"]
    assert "NameError" in post(machine, "/act", code="kept")[1]["error"], "each action has a namespace of its own"
    assert "SyntaxError" in post(machine, "/act", code="click(")[1]["error"]
    act(machine, "import sys; sys.exit()")
    hung = post(machine, "/act", code="pyautogui.keyDown('shift'); time.sleep(60)", timeout=0.5)[1]
    assert hung["status"] == "error"
    died = post(machine, "/act", code="import os; os._exit(3)")[1]
    assert died["status"] == "error"
    act(machine, "import subprocess; subprocess.run('echo not an answer', shell=True)")


def test_every_printable_character_is_typed_and_read_back(machine):
    text = string.ascii_letters + string.digits + string.punctuation + ' <>\n<a href="x">it\'s</a>'
    shell(machine, "rm -f /tmp/typed.txt; touch /tmp/typed.txt")
    open_window(machine, "typed.txt", "mousepad", "/tmp/typed.txt")
    act(machine, f"pyautogui.write({text!r}); pyautogui.hotkey('ctrl', 's')")
    saved = eventually(lambda: download(machine, "/tmp/typed.txt")[1], bool)
    assert saved.decode().rstrip("\n") == text
    close_mousepad(machine)


def test_tree_says_where_a_click_goes(machine):
    shell(machine, "echo 'read & <this>' > /tmp/shown.txt")
    open_window(machine, "shown.txt", "mousepad", "/tmp/shown.txt")
    root = elements(machine)
    assert root.tag == "desktop-frame"
    frame = root.find("./application[@name='mousepad']/frame")
    assert "shown.txt" in frame.get("name")
    assert frame.get(TREE % ("state", "showing")) == "true"
    assert [text.text.strip() for text in root.iter("text") if text.text] == ["read & <this>"]
    assert not any(item.get("name") == "New" for item in root.iter("menu-item")), "a menu that is shut"
    menu = next(menu for menu in root.iter("menu") if menu.get("name") == "File")
    x, y = map(int, menu.get(TREE % ("component", "screencoord")).strip("()").split(","))
    width, height = map(int, menu.get(TREE % ("component", "size")).strip("()").split(","))
    act(machine, f"pyautogui.click({x + width // 2}, {y + height // 2})")
    names = eventually(lambda: [item.get("name").strip() for item in elements(machine).iter("menu-item")], bool)
    assert "New" in names, "the click opened it"
    act(machine, "pyautogui.press('esc')")
    size = ask(machine, "POST", "/window_size", b"app_class_name=Mousepad", "application/x-www-form-urlencoded")
    assert size[0] == 200
    assert set(json.loads(size[1])) == {"width", "height"}
    close_mousepad(machine)


def test_terminal_is_read_while_it_has_the_focus(machine):
    assert json.loads(ask(machine, "GET", "/terminal")[1]) == {"output": None, "status": "success"}
    open_window(machine, "Terminal", "xfce4-terminal")
    act(machine, "pyautogui.write('expr 6 \\\\* 7\\n')")
    output = eventually(lambda: json.loads(ask(machine, "GET", "/terminal")[1])["output"], lambda output: "42" in output)
    lines = output.splitlines()
    assert lines[:2] == ["user@desktop:~$ expr 6 \\* 7", "42"]


# What it cannot reach


def test_has_no_network(machine):
    code = "import socket; s = socket.socket(); s.settimeout(3); print(s.connect_ex(('192.0.2.1', 80)))"
    assert post(machine, "/run_python", code=code)[1]["output"] == f"{101}\n", "ENETUNREACH"
    with socket.create_server(("127.0.0.1", 0)) as outside:
        code = f"import socket; print(socket.socket().connect_ex(('127.0.0.1', {outside.getsockname()[1]})))"
        assert post(machine, "/run_python", code=code)[1]["output"] == f"{111}\n", "its loopback is its own: ECONNREFUSED"


def test_cannot_reach_sockets_of_this_computer(machine, tmp_path):
    with socket.socket(socket.AF_UNIX) as outside, socket.socket(socket.AF_UNIX) as named:
        outside.bind("")
        outside.listen()
        named.bind(str(tmp_path / "s"))
        named.listen()
        for address in (outside.getsockname().decode(), str(tmp_path / "s")):
            code = f"import socket; print(socket.socket(socket.AF_UNIX).connect_ex({address!r}))"
            assert post(machine, "/run_python", code=code)[1]["output"] in {"111\n", "2\n"}


def test_sees_programs_and_no_data(machine, tmp_path):
    assert shell(machine, "whoami; id -u; hostname").split() == ["user", "1000", "desktop"]
    assert "No such file" in shell(machine, f"ls {tmp_path}")
    assert "root" not in shell(machine, "cat /etc/shadow")
    assert "Read-only file system" in shell(machine, "touch /file")
    for folder in ("/usr", "/etc", "/opt"):
        assert not shell(machine, f"touch {folder}/file && echo written").endswith("written\n")
    assert shell(machine, "for f in ~ /tmp /run; do touch $f/file && echo $f; done").split() == ["/home/user", "/tmp", "/run"]
    seen = [word for word in shell(machine, "ls /proc").split() if word.isdigit()]
    assert len(seen) <= len(inhabitants(namespace_of(machine.pid))) + 2, "it sees its own processes alone"


# That nothing stays


def test_each_machine_is_clean_and_leaves_nothing(machine):
    from hub_envs.osworld.local import LocalProvider

    shell(machine, "touch ~/Desktop/mine")
    with LocalProvider(screen=(800, 600)).start() as other:
        namespace = namespace_of(other.pid)
        assert shell(other, "ls -A ~/Desktop") == ""
        assert post(other, "/screen_size")[1] == {"width": 800, "height": 600}
        assert len(inhabitants(namespace)) > 4
    assert inhabitants(namespace) == []
    other.stop()
    with pytest.raises(OSError, match="refused"):
        ask(other, "GET", "/platform")
    assert shell(machine, "ls ~/Desktop") == "mine\n", "the first one lives on"


OWNER = """
import threading, time
from hub_envs.osworld.local import LocalProvider
machines = []
thread = threading.Thread(target=lambda: machines.append(LocalProvider().start()))
thread.start()
thread.join()
time.sleep(0.2)
assert machines[0]._life._process.poll() is None, "a machine outlives the thread that asked for it"
print(machines[0].pid, flush=True)
time.sleep({seconds})
"""


@pytest.mark.parametrize("end", ["killed", "finished"])
def test_a_machine_ends_with_its_process(end, tmp_path):
    words = [sys.executable, "-c", OWNER.format(seconds=60 if end == "killed" else 0)]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment) as owner:
        namespace = namespace_of(int(owner.stdout.readline()))
        if end == "killed":
            assert inhabitants(namespace)
            owner.send_signal(signal.SIGKILL)
        owner.wait(30)
    deadline = time.monotonic() + 10
    while inhabitants(namespace) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert inhabitants(namespace) == []
    assert list(tmp_path.iterdir()) == []


# What it needs


def test_doctor_names_what_is_missing_and_what_installs_it(monkeypatch, tmp_path):
    for name in ("bwrap", "openbox", "mousepad"):
        (tmp_path / name).symlink_to(f"/usr/bin/{name}")
    monkeypatch.setenv("PATH", str(tmp_path))
    findings = {found["name"]: found for found in doctor.examine()}
    assert findings["openbox"]["ok"]
    assert findings["openbox"]["remedy"] is None
    assert not findings["Xvfb"]["ok"]
    assert findings["Xvfb"]["remedy"].endswith(" xvfb")
    assert not findings["chromium"]["ok"]
    with pytest.raises(gym.error.DependencyNotInstalled, match=r"Xvfb.*apt-get install .*\bxvfb\b.*\bchromium\b") as error:
        doctor.require("chromium", "mousepad")
    assert "mousepad" not in str(error.value)
    assert "gimp" not in str(error.value)


def test_debian_line_installs_everything():
    line = doctor.debian_line()
    assert line.startswith("sudo apt-get install ")
    assert {"bubblewrap", "xvfb", "libreoffice-calc", "gimp"} <= set(line.split())
    assert len(set(doctor.DEBIAN_PACKAGES)) == len(doctor.DEBIAN_PACKAGES)
