import pytest

from shadowpen.daemon.markup.bare_code import bare_code


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in bare_code(text)]


@pytest.mark.parametrize(
    "code",
    [
        "def area(r):\n    return 3.14 * r ** 2",
        "for (int i = 0; i < 3; i++) {\n  total += i;\n}",
        "import os\nprint(os.getcwd())",
        "if x == 3:\n    stop()\nelse:\n    go()",
        "const a = 1;\nlet b = f(a);",
        "rows = load(path)\nrows.sort()",
    ],
)
def test_lines_of_code_are_found_among_notes(code: str) -> None:
    assert found(f"- fix the loop\n{code}\n\n- ask Tom") == [code]


@pytest.mark.parametrize(
    "text",
    [
        "too much = recession\nprices = money",
        "for sale:\n  a bicycle, hardly used\n  a table",
        "import fails\nreturn the keys",
        "class 7b: noisy\nwhile we wait: tea",
        "called f(x) in the test\nit failed",
        "print(x)",
        "- if nobody comes (again):\n  - cancel",
        "",
    ],
)
def test_prose_is_no_code_nor_is_a_single_line(text: str) -> None:
    assert found(text) == []
