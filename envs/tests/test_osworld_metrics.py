"""Metrics against files that are right, and files that are nearly."""

import json
import sqlite3

import numpy as np
import openpyxl
import pytest
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from hub_envs.osworld.metrics import METRICS
from hub_envs.osworld.metrics.kind import matches
from openpyxl.styles import Font
from PIL import Image

from .osworld_guest import TREE


def score(name, *values, **options):
    return METRICS[name](*values, **options)


@pytest.mark.parametrize(
    ("value", "method", "ref", "expected"),
    [
        (3, "eq", 3, True),
        (3, "ne", 3, False),
        (None, "eq", None, True),
        (None, "lt", 3, False),
        (2, "lt", 3, True),
        (3, "le", 3, True),
        (3, "gt", 3, False),
        (3, "ge", 3, True),
        ("Hello", "re", "^h", False),
        ("Hello", "re.IGNORECASE", "^h", True),
        ("3.05", "approx:0.1", 3, True),
        (3.2, "approx:0.1", 3, False),
        (2, "range.te", [0, 2], True),
        (0, "range.te", [0, 2], False),
        ('"a,b"', "str_list_eq", ["a", "b"], True),
        ("b,a", "str_list_eq", ["a", "b"], False),
        ("b,a", "str_set_eq", ["a", "b"], True),
    ],
)
def test_rules_of_single_values(value, method, ref, expected):
    assert matches(value, {"method": method, "ref": ref}) is expected


def test_a_rule_of_no_known_method_is_an_error():
    with pytest.raises(ValueError, match="approx"):
        matches(1, {"method": "near", "ref": 1})


# Texts


@pytest.mark.parametrize(
    ("name", "right", "wrong", "expected"),
    [
        ("exact_match", "a", "b", {"expected": "a"}),
        ("match_in_list", "a", "c", {"expected": ["a", "b"]}),
        ("is_in_list", ["a", "b"], ["b"], {"expected": "a"}),
        ("literal_match", 3, 4, "3"),
        ("check_include_exclude", "red car", "red bus", {"include": ["red"], "exclude": ["bus"]}),
        ("check_direct_json_object", '{"a": 1, "b": 2}', '{"a": 2}', {"expected": {"a": 1}}),
        ("check_direct_json_object", {"a": ["x", "y"]}, {"a": ["z"]}, {"expected": {"a": ["x"]}, "expect_in_result": True}),
        ("check_moved_jpgs", {"children": [{"name": "a"}]}, {"children": [{"name": "a"}, {"name": "b"}]}, {"expected": ["a"]}),
        ("check_accessibility_tree", TREE, TREE.replace("OK", "No"), [{"xpath": "//push-button[starts-with(@name, 'OK')]"}]),
        ("check_accessibility_tree", TREE, TREE.replace("st:showing", "st:busy"), [{"xpath": "//panel[@st:showing='true']"}]),
    ],
)
def test_values(name, right, wrong, expected):
    assert score(name, right, expected) == 1
    assert score(name, wrong, expected) == 0


@pytest.mark.parametrize(
    ("name", "right", "wrong", "expected"),
    [
        ("text_lines", "a\nb\n", "a\nb\nc\n", {"expected": ["a", "b"]}),
        ("text_lines", "a\nb\n\n", "b\na\n", {"expected": ["a", "b"]}),
        ("file_contains", "one two", "one", {"expected": ["one", "two"]}),
        ("check_list", "ab\ncd\n", "ab\n", {"expect": ["^a", "^c"]}),
        ("check_list", "ab\n", "ab\nxy\n", {"unexpect": ["x"]}),
        ("check_csv", "k,v\na,1\n", "k,v\na,2\n", {"expect": [{"k": "a", "v": "1"}]}),
        ("check_csv", "k,v\na,1\n", "k,v\nb,1\n", {"unexpect": [{"k": "b"}]}),
        ("check_json", '{"a": {"b": 3}}', '{"a": {"b": 4}}', {"expect": [{"key": ["a", "b"], "method": "eq", "ref": 3}]}),
        ("check_json", "{}", '{"a": 3}', {"unexpect": [{"key": ["a"], "method": "eq", "ref": 3}]}),
        ("check_json", '{"a": [1]}', '{"a": []}', {"expect": [{"key": ["a", 0], "method": "eq", "ref": 1}]}),
        ("check_json_settings", '{"a": 1, "b": 2}', '{"b": 2}', {"expected": {"a": 1}}),
    ],
)
def test_text_files(tmp_path, name, right, wrong, expected):
    path = tmp_path / "file"
    for text, wanted in ((right, 1), (wrong, 0)):
        path.write_text(text)
        assert score(name, str(path), expected) == wanted


def test_files_against_golden_ones(tmp_path):
    gold, file = tmp_path / "gold", tmp_path / "file"
    gold.write_text("A  b\nc\n")
    for text, options, wanted in (
        ("A  b\nc\n", {}, 1),
        ("a b c", {}, 0),
        ("A b c", {"ignore_blanks": True}, 1),
        ("a  B\nC\n", {"ignore_case": True}, 1),
    ):
        file.write_text(text)
        assert score("compare_text_file", str(file), str(gold), **options) == wanted
    file.write_text("A  b\nx\n")
    assert score("diff_text_file", str(file), str(gold)) == 0.5
    for text, options, wanted in (("A  b\nc", {}, 1), ("A  b\nc ", {}, 0), ("A  b\nc ", {"strict": False}, 1)):
        file.write_text(text)
        assert score("compare_csv", str(file), [str(tmp_path / "gold")], **options) == wanted


def test_databases(tmp_path):
    path = str(tmp_path / "a.sqlite")
    with sqlite3.connect(path) as base:
        base.execute("CREATE TABLE t (x)")
        base.execute("INSERT INTO t VALUES (3)")
    base.close()
    assert score("run_sqlite3", path, {"sql": "SELECT count(*) FROM t WHERE x = 3"}) == 1
    assert score("run_sqlite3", path, {"sql": "SELECT count(*) FROM t WHERE x = 4"}) == 0


# Workbooks


def book(path, rows, change=lambda sheet: None):
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    change(made.active)
    made.save(path)
    return str(path)


def test_workbooks(tmp_path):
    gold = book(tmp_path / "gold.xlsx", [["a", 1.00001], ["b", 2]])
    same = {"rules": [{"type": "sheet_data", "sheet_idx0": "RI0", "sheet_idx1": "EI0"}]}
    assert score("compare_table", book(tmp_path / "a.xlsx", [["a", 1.000012], ["b", 2], [None]]), gold, **same) == 1
    assert score("compare_table", book(tmp_path / "b.xlsx", [["a", 1.001], ["b", 2]]), gold, **same) == 0
    assert score("compare_table", book(tmp_path / "c.xlsx", [["a", 1], ["b", 2, 3]]), gold, **same) == 0

    def bold(sheet):
        sheet["A1"].font = Font(bold=True)
        sheet.title, sheet.freeze_panes, sheet.sheet_view.zoomScale = "Named", "A2", 150

    changed = book(tmp_path / "d.xlsx", [["a", 1], ["b", 2]], bold)
    cell = {"type": "check_cell", "sheet_idx": "RNNamed", "coordinate": "A1"}
    rules = [
        {**cell, "props": {"value": {"method": "eq", "ref": "a"}, "font_bold": {"method": "eq", "ref": True}}},
        {"type": "zoom", "sheet_idx": 0, "method": "gt", "ref": 120},
    ]
    assert score("compare_table", changed, rules=rules) == 1
    assert score("compare_table", changed, rules=[{**cell, "coordinate": "B1", "props": {"font_bold": {"method": "eq", "ref": True}}}]) == 0
    pair = {"sheet_idx0": "RI0", "sheet_idx1": "EI0"}
    for kind in ({"type": "sheet_name"}, {"type": "freeze", **pair}, {"type": "style", "props": ["font_bold"], **pair}):
        assert score("compare_table", changed, changed, rules=[kind]) == 1
        assert score("compare_table", changed, gold, rules=[kind]) == 0
    with pytest.raises(ValueError, match="check_cell"):
        score("compare_table", changed, rules=[{"type": "chart"}])
    with pytest.raises(ValueError, match="font_bold"):
        score("compare_table", changed, rules=[{**cell, "props": {"colour": {}}}])


# Documents


def text(path, paragraphs, change=lambda document: None):
    made = Document()
    for paragraph in paragraphs:
        made.add_paragraph(paragraph)
    change(made)
    made.save(path)
    return str(path)


def test_documents(tmp_path):
    gold = text(tmp_path / "gold.docx", ["One two", "Three"])
    near = text(tmp_path / "near.docx", ["one  two", "", "Three"])
    assert score("compare_docx_files", near, gold) == 0
    assert score("compare_docx_files", near, gold, ignore_case=True) == 1
    assert score("compare_docx_files", near, gold, ignore_blanks=False, ignore_case=True, delete_empty_lines=True) == 0
    assert score("compare_docx_files", text(tmp_path / "turned.docx", ["Three", "One two"]), gold, ignore_order=True) == 1

    def format_title(document):
        first = document.paragraphs[0]
        first.alignment, first.runs[0].font.bold, first.runs[0].font.name = WD_ALIGN_PARAGRAPH.CENTER, True, "Arial"
        first.paragraph_format.line_spacing = 2.0

    titled = text(tmp_path / "titled.docx", ["One two", "", "Three"], format_title)
    rules = {"expected": [{"text": "One two", "bold": True, "alignment": "center"}, {"text": "Three", "bold": False, "alignment": "left"}]}
    assert score("document_paragraphs", titled, rules) == 1
    assert score("document_paragraphs", gold, rules) == 0
    assert score("document_paragraphs", titled, {"expected": rules["expected"][:1]}) == 0
    assert score("is_first_line_centered", titled) == 1
    assert score("is_first_line_centered", gold) == 0
    assert score("compare_line_spacing", titled, titled) == 1
    assert score("compare_line_spacing", titled, gold) == 0
    assert score("compare_font_names", titled, {"font_name": "Arial"}) == 0
    assert score("compare_font_names", text(tmp_path / "arial.docx", ["One"], format_title), {"font_name": "Arial"}) == 1
    with pytest.raises(ValueError, match="alignment"):
        score("document_paragraphs", gold, {"expected": [{"colour": 1}, {"colour": 1}]})


def test_pages_and_tables(tmp_path):
    broken = text(tmp_path / "broken.docx", ["One"], lambda made: made.paragraphs[0].add_run().add_break(WD_BREAK.PAGE))
    assert score("contains_page_break", broken) == 1
    assert score("contains_page_break", broken, {"page_break_count": 2}) == 0
    assert score("contains_page_break", text(tmp_path / "plain.docx", ["One"])) == 0

    def table(value):
        def add(made):
            made.add_table(1, 1).cell(0, 0).text = value

        return add

    paths = [text(tmp_path / f"{value}{i}.docx", [], table(value)) for i, value in enumerate("aab")]
    assert score("compare_docx_tables", paths[0], paths[1]) == 1
    assert score("compare_docx_tables", paths[0], paths[2]) == 0


# Pictures and pages


def test_pictures(tmp_path):
    pixels = np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3)
    paths = {}
    for name, values in {"plain": pixels, "mirror": pixels[:, ::-1], "dark": pixels // 2, "small": pixels[:3]}.items():
        paths[name] = str(tmp_path / f"{name}.png")
        Image.fromarray(np.ascontiguousarray(values)).save(paths[name])
    assert score("compare_image_list", paths["plain"], paths["plain"]) == 1
    assert score("compare_image_list", [paths["plain"]] * 2, [paths["plain"], paths["dark"]]) == 0
    assert score("compare_image_list", paths["small"], paths["plain"]) == 0
    assert score("check_image_mirror", paths["mirror"], paths["plain"]) == 1
    assert score("check_image_mirror", paths["plain"], paths["plain"]) == 0
    assert score("check_image_size", paths["plain"], {"width": 8, "height": 6}) == 1
    assert score("check_image_size", paths["plain"], {"height": 5}) == 0
    assert score("check_image_file_size", paths["plain"], {"max_size": 10}) == 0
    assert score("check_file_exists", paths["plain"]) == 1
    assert score("check_file_exists", str(tmp_path / "none")) == 0


def tabs(*urls):
    return [{"title": "", "url": url} for url in urls]


@pytest.mark.parametrize(
    ("name", "right", "wrong", "expected"),
    [
        (
            "is_expected_tabs",
            tabs("https://a.org/", "file:///b"),
            tabs("https://a.org"),
            {"type": "url", "urls": ["http://www.a.org", "file:///b"]},
        ),
        ("is_expected_tabs", tabs("https://a.org"), tabs("https://a.org", "https://a.org"), {"type": "url", "urls": ["https://a.org"]}),
        ("is_expected_active_tab", tabs("https://a.org/x?q=1")[0], "https://a.org/x?q=2", {"type": "url", "url": "https://a.org/x?q=1"}),
        ("is_expected_url_pattern_match", "https://a.org/x", "https://b.org/x", {"expected": ["a.org", "/x$"]}),
        (
            "check_history_deleted",
            [("https://a.org", "", 0)],
            [("https://youtube.com/x", "", 0)],
            {"type": "keywords", "keywords": ["youtube"]},
        ),
        ("check_font_size", {"default_font_size": 20}, {"default_font_size": 16}, {"type": "range", "min": 16, "max": 99}),
        (
            "is_expected_bookmarks",
            {"bookmark_bar": {"children": [{"type": "url", "url": "u"}, {"type": "folder", "name": "f"}]}},
            {"bookmark_bar": {"children": []}},
            {"type": "bookmark_bar_websites_urls", "urls": ["u"]},
        ),
    ],
)
def test_browsers(name, right, wrong, expected):
    assert score(name, right, json.loads(json.dumps(expected))) == 1
    assert score(name, wrong, expected) == 0


def test_kinds_of_rules_that_only_osworlds_metrics_know_are_errors():
    with pytest.raises(ValueError, match="desktop_env"):
        score("is_expected_bookmarks", {}, {"type": "liked_authors_websites_urls"})
