from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.arguments import check_arguments, default_arguments, parse_arguments
from hub.errors import UsageError

if TYPE_CHECKING:
    from nowhere import Unknown


THING = object()


class Base:
    def __init__(self, task: Unknown, *, seed: int = 0, rate: float = 0.5, kind: Literal["a", "b"] = "a") -> None: ...


class Child(Base):
    def __init__(
        self,
        task: Unknown,
        *,
        count: Optional[int] = None,  # noqa: UP045
        layers: list[int] = [1],  # noqa: B006
        shape: tuple[int, ...] = (),
        name: str = "x",
        flag: bool = False,
        thing: object = None,
        anything: Any = None,
        **kwargs: Any,
    ) -> None: ...


class Open:
    def __init__(self, plain=3, word="w", **kwargs):  # type: ignore[no-untyped-def]
        ...


@pytest.mark.parametrize(
    ("pair", "value"),
    [
        ("rate=3", 3.0),
        ("rate=1e-3", 0.001),
        ("kind=b", "b"),
        ("count=7", 7),
        ("count=none", None),
        ("count=null", None),
        ("layers=[1, 2]", [1, 2]),
        ("shape=[3]", (3,)),
        ("name=3", "3"),
        ("name=a=b", "a=b"),
        ("name=", ""),
        ("flag=true", True),
        ("flag=no", False),
        ('anything={"a": [1]}', {"a": [1]}),
        ("anything=word", "word"),
    ],
)
def test_values_get_the_types_of_the_signature(pair: str, value: object) -> None:
    parsed = parse_arguments([pair], Child, "agent child")
    assert parsed == {pair.partition("=")[0]: value}
    assert type(parsed.popitem()[1]) is type(value)


@pytest.mark.parametrize(
    ("pair", "said"),
    [
        ("rate", "write key=value"),
        ("=3", "write key=value"),
        ("rats=3", "did you mean rate"),
        ("rate=fast", "takes float"),
        ("rate=inf", "finite"),
        ("count=1.5", "takes Optional[int]"),
        ("kind=c", "'a' or 'b'"),
        ("layers=3", "e.g. [1, 2]"),
        ("layers=[a]", "list[int]"),
        ("flag=2", "takes bool"),
        ("seed=1", "--seed sets it"),
        ("task=1", "hub builds it"),
    ],
)
def test_a_wrong_pair_is_one_line_that_says_what_would_be_right(pair: str, said: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_arguments([pair], Child, "agent child")
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_unannotated_parameters_take_the_type_of_their_default_and_open_signatures_take_more() -> None:
    assert parse_arguments(["plain=4.5", "word=3", "extra=[1]"], Open, "world") == {"plain": 4.5, "word": "3", "extra": [1]}
    with pytest.raises(UsageError, match="plain of world cannot be 'x'"):
        parse_arguments(["plain=x"], Open, "world")


def test_registered_arguments_may_be_set_and_stand_for_the_defaults() -> None:
    assert parse_arguments(["size=4"], Base, "world", defaults={"size": 2}, reserved={}) == {"size": 4}
    with pytest.raises(UsageError, match="size of world"):
        parse_arguments(["size=big"], Base, "world", defaults={"size": 2}, reserved={})


def test_what_takes_no_arguments_says_so() -> None:
    with pytest.raises(UsageError, match="takes no arguments"):
        parse_arguments(["x=1"], lambda task, seed: None, "agent plain")


def test_objects_cannot_come_from_text() -> None:
    class Needy:
        def __init__(self, tool: pytest.MonkeyPatch | None = None) -> None: ...

    with pytest.raises(UsageError, match="only Python code can pass"):
        parse_arguments(["tool=3"], Needy, "agent needy")


def test_values_from_python_are_checked_alike() -> None:
    assert check_arguments({"shape": [1, 2], "count": None}, Child, "agent child") == {"shape": (1, 2), "count": None}
    with pytest.raises(UsageError, match="takes float"):
        check_arguments({"rate": "fast"}, Child, "agent child")


def test_defaults_are_those_that_json_can_hold() -> None:
    assert default_arguments(lambda task, seed, far=float("inf"), tool=THING, near=1: None) == {"near": 1}
    assert default_arguments(Base) == {"rate": 0.5, "kind": "a"}
    assert default_arguments(Child)["shape"] == []


@given(st.integers() | st.none())
def test_every_integer_survives_its_spelling(number: int | None) -> None:
    assert parse_arguments([f"count={number}"], Child, "agent child") == {"count": number}


@given(st.text())
def test_every_text_survives(text: str) -> None:
    assert parse_arguments([f"name={text}"], Child, "agent child") == {"name": text}
