"""Metrics of text documents (docx)."""

from __future__ import annotations

import re
from typing import Any

from hub_envs.osworld.metrics.kind import Metric, Rule


def _open(path: str) -> Any:
    from docx import Document

    return Document(path)


def _compare_docx_files(
    result: str,
    expected: str,
    *,
    ignore_blanks: bool = True,
    ignore_case: bool = False,
    ignore_order: bool = False,
    delete_empty_lines: bool = False,
) -> float:
    """Score whether two documents have the same paragraphs; with `ignore_blanks`, the default, the same words."""
    one, other = ([paragraph.text for paragraph in _open(path).paragraphs] for path in (result, expected))
    if delete_empty_lines:
        one, other = ([text for text in texts if text.strip()] for texts in (one, other))
    if ignore_order:
        one, other = sorted(one), sorted(other)
    if ignore_case:
        one, other = [text.lower() for text in one], [text.lower() for text in other]
    if ignore_blanks:
        one, other = ([re.sub(r"\s+", " ", "\n".join(texts)).strip()] for texts in (one, other))
    return float(one == other)


def _compare_docx_tables(result: str, expected: str) -> float:
    one, other = (
        [[[cell.text.strip() for cell in row.cells] for row in table.rows] for table in _open(path).tables] for path in (result, expected)
    )
    return float(one == other)


def _compare_font_names(result: str, rules: Rule) -> float:
    """Score whether every run of text is in the font `font_name`."""
    return float(all(run.font.name == rules["font_name"] for paragraph in _open(result).paragraphs for run in paragraph.runs))


def _compare_line_spacing(result: str, expected: str) -> float:
    one, other = (
        [(paragraph.text, paragraph.paragraph_format.line_spacing) for paragraph in _open(path).paragraphs] for path in (result, expected)
    )
    return float(one == other)


def _is_first_line_centered(result: str) -> float:
    return float(_alignment(_open(result).paragraphs[0]) == "center")


def _contains_page_break(result: str, rules: Rule | None = None) -> float:
    """Score whether there is a page break, or exactly `page_break_count` of them."""
    count = sum('w:type="page"' in run._element.xml for paragraph in _open(result).paragraphs for run in paragraph.runs)
    wanted = (rules or {}).get("page_break_count")
    return float(count > 0 if wanted is None else count == wanted)


def _document_paragraphs(result: str, rules: Rule) -> float:
    """Score whether a document's paragraphs, empty ones aside, are those of `expected`.

    Each is `{"text": ...}` with, where they count, `bold`, `italic`, `underline` (of all its text), `alignment` (left, center, right,
    justify) and `style` (its name).
    """
    given = [paragraph for paragraph in _open(result).paragraphs if paragraph.text.strip()]
    wanted = rules["expected"]
    return float(len(given) == len(wanted) and all(_is(paragraph, rule) for paragraph, rule in zip(given, wanted, strict=True)))


def _is(paragraph: Any, rule: Rule) -> bool:
    for name, value in rule.items():
        if name == "text":
            held: Any = paragraph.text.strip()
        elif name in ("bold", "italic", "underline"):
            held = {bool(getattr(run.font, name)) for run in paragraph.runs if run.text.strip()} == {True}
        elif name == "alignment":
            held = _alignment(paragraph)
        elif name == "style":
            held = paragraph.style.name
        else:
            raise ValueError(f"no property {name!r} of paragraphs: there are text, bold, italic, underline, alignment, style")
        if held != value:
            return False
    return True


def _alignment(paragraph: Any) -> str:
    aligned = paragraph.alignment if paragraph.alignment is not None else paragraph.style.paragraph_format.alignment
    return "left" if aligned is None else str(aligned.name).lower()


METRICS: dict[str, Metric] = {
    "compare_docx_files": _compare_docx_files,
    "compare_docx_tables": _compare_docx_tables,
    "compare_font_names": _compare_font_names,
    "compare_line_spacing": _compare_line_spacing,
    "contains_page_break": _contains_page_break,
    "document_paragraphs": _document_paragraphs,
    "is_first_line_centered": _is_first_line_centered,
}
