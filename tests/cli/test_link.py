"""The line between the command line and a running server."""

import json
import socket
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from shopdata import link
from shopdata.errors import ServerStopped

COMMAND = link.Command(("status", "--json"), "/somewhere", "en", ("a", "b"))


def echo(command: link.Command, write: link.Write) -> int:
    write("stderr", f"{command.folder}\n")
    write("stdout", " ".join((*command.arguments, *command.lines)))
    return 7


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[link.Desk]:
    found = link.Desk(tmp_path, "http://127.0.0.1:1", echo)
    yield found
    found.close()


def asked(home: Path, command: link.Command = COMMAND) -> tuple[int | None, dict[str, str]]:
    said = {"stdout": "", "stderr": ""}

    def write(stream: str, text: str) -> None:
        said[stream] += text

    return link.ask(home, command, write), said


def test_a_command_comes_back_with_what_it_printed_and_its_status(desk: link.Desk, tmp_path: Path) -> None:
    status, said = asked(tmp_path)
    assert status == 7
    assert said == {"stdout": "status --json a b", "stderr": "/somewhere\n"}


def test_without_a_server_nobody_answers(tmp_path: Path) -> None:
    assert asked(tmp_path)[0] is None
    assert not link.is_answering(tmp_path)


def test_a_place_left_by_a_killed_server_is_nobody(tmp_path: Path) -> None:
    link.Place(str(tmp_path / "gone.sock"), "AF_UNIX", "00", 1, "http://x").write(tmp_path)
    assert asked(tmp_path)[0] is None
    (tmp_path / link.FILE_NAME).write_text("{half")
    assert asked(tmp_path)[0] is None


def test_the_key_and_the_socket_are_for_their_owner_alone(desk: link.Desk, tmp_path: Path) -> None:
    for name in ("link.json", "link.sock"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_a_wrong_key_opens_nothing(desk: link.Desk, tmp_path: Path) -> None:
    path = tmp_path / link.FILE_NAME
    path.write_text(json.dumps(json.loads(path.read_text()) | {"key": "00" * 32}))
    assert asked(tmp_path)[0] is None


def test_a_caller_who_says_nothing_holds_up_nobody(desk: link.Desk, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.connect(str(tmp_path / "link.sock"))
        assert asked(tmp_path)[0] == 7


def test_many_commands_run_at_once(tmp_path: Path) -> None:
    together = threading.Barrier(4, timeout=10)

    def meet(command: link.Command, write: link.Write) -> int:
        together.wait()
        return 0

    desk = link.Desk(tmp_path, "", meet)
    found: list[int | None] = []
    threads = [threading.Thread(target=lambda: found.append(asked(tmp_path)[0])) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    desk.close()
    assert found == [0] * 4


def test_a_command_runs_to_its_end_when_the_caller_is_gone(tmp_path: Path) -> None:
    begun, ended = threading.Event(), threading.Event()

    def long(command: link.Command, write: link.Write) -> int:
        begun.set()
        time.sleep(0.2)
        write("stderr", "still here" * 100_000)
        ended.set()
        return 0

    desk = link.Desk(tmp_path, "", long)
    place = link.Place.read(tmp_path)
    assert place is not None
    caller = link.Client(place.address, place.family, authkey=place.key.encode())
    caller.send_bytes(json.dumps({"arguments": [], "folder": "", "language": "zh", "lines": []}).encode())
    assert begun.wait(5)
    caller.close()
    assert ended.wait(5)
    desk.close()


def test_a_server_that_dies_under_a_command_is_told_as_such(tmp_path: Path) -> None:
    place = link.Place(str(tmp_path / "x.sock"), "AF_UNIX", "00", 1, "")
    listener = link.Listener(place.address, place.family)
    place.write(tmp_path)

    def die() -> None:
        connection = listener.accept()
        link.deliver_challenge(connection, b"00")
        link.answer_challenge(connection, b"00")
        connection.recv_bytes()
        connection.close()

    thread = threading.Thread(target=die)
    thread.start()
    with pytest.raises(ServerStopped):
        asked(tmp_path)
    thread.join()
    listener.close()


def test_a_deep_home_gets_a_socket_elsewhere(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 120)
    deep.mkdir()
    desk = link.Desk(deep, "", echo)
    assert asked(deep)[0] == 7
    desk.close()
    assert not (deep / link.FILE_NAME).exists()


def test_closing_waits_for_the_command_at_work(tmp_path: Path) -> None:
    ended = threading.Event()

    def slow(command: link.Command, write: link.Write) -> int:
        time.sleep(0.3)
        ended.set()
        return 0

    desk = link.Desk(tmp_path, "", slow)
    caller = threading.Thread(target=asked, args=(tmp_path,))
    caller.start()
    time.sleep(0.1)
    desk.close()
    assert ended.is_set()
    caller.join()
