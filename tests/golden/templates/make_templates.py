"""Renders the templates beside it with transformers and writes goldens.json. The templates are in the style of the families
that are in use; they are Millrace's own."""

import json
from pathlib import Path

from reference import render

HERE = Path(__file__).resolve().parent
TOKENS = {"bos_token": "<s>", "eos_token": "</s>"}

WEATHER = {"type": "function", "function": {
    "name": "get_weather", "description": "What the weather is like",
    "parameters": {"type": "object", "properties": {
        "city": {"type": "string", "description": "A city, as \"Zürich\""},
        "unit": {"type": "string", "enum": ["C", "F"], "default": "C"},
        "days": {"type": "array", "items": {"type": "integer"}},
        "where": {"type": "object", "properties": {"lat": {"type": "number"}, "lon": {"type": ["number", "null"]}}, "required": ["lat"]},
        "either": {"oneOf": [{"type": "boolean"}, {"type": "string", "nullable": True}]}},
        "required": ["city"]}}}
CLOCK = {"type": "function", "function": {"name": "clock", "description": "The time", "parameters": {"type": "object", "properties": {}}}}

USER = {"role": "user", "content": "  What is 1 < 2 & 'three'? \u00e9\U0001F600 "}
SYSTEM = {"role": "system", "content": "Be brief.\n\nAlways."}
ANSWER = {"role": "assistant", "content": "<think>\nEasy.\n</think>\n\nIt is true.\n"}
PLAIN = {"role": "assistant", "content": " Yes. "}
CALL = {"role": "assistant", "content": None, "tool_calls": [
    {"id": "abcdef123", "type": "function", "function": {"name": "get_weather", "arguments": {"city": "Zürich", "days": [1, 2.5], "deep": {"a": None, "b": True}}}}]}
CALLS = {"role": "assistant", "content": "Both.", "reasoning_content": "Two calls.", "tool_calls": CALL["tool_calls"] + [
    {"id": "ghijkl456", "type": "function", "function": {"name": "clock", "arguments": {}}}]}
RESULT = {"role": "tool", "tool_call_id": "abcdef123", "name": "get_weather", "content": "{\"temp\": 21.0}"}
RESULT2 = {"role": "tool", "tool_call_id": "ghijkl456", "name": "clock", "content": "12:00"}
PICTURE = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": " What is this? "}]}
NESTED = {"role": "user", "content": "x", "children": [{"role": "a", "children": [{"role": "b"}]}, {"role": "a"}]}
DOCUMENTS = [{"title": "One", "text": "First."}, {"title": "Two", "text": "Second\nline."}]

CASES = {
    "one": {"messages": [USER]},
    "prompt": {"messages": [USER], "add_generation_prompt": True},
    "system": {"messages": [SYSTEM, USER, PLAIN, USER], "add_generation_prompt": True},
    "thinking": {"messages": [USER, ANSWER, USER, ANSWER]},
    "reasoning": {"messages": [USER, {**PLAIN, "reasoning": "Because."}]},
    "no_thinking": {"messages": [SYSTEM, USER], "add_generation_prompt": True, "enable_thinking": False},
    "tools": {"messages": [SYSTEM, USER], "tools": [WEATHER, CLOCK], "add_generation_prompt": True},
    "call": {"messages": [USER, CALL, RESULT], "tools": [WEATHER], "add_generation_prompt": True},
    "call_answered": {"messages": [USER, CALL, RESULT, PLAIN], "tools": [WEATHER]},
    "two_calls": {"messages": [USER, CALLS, RESULT, RESULT2, PLAIN, USER], "tools": [WEATHER, CLOCK], "tools_in_user_message": False},
    "lone_result": {"messages": [USER, RESULT]},
    "documents": {"messages": [USER], "documents": DOCUMENTS, "add_generation_prompt": True, "controls": {"citations": True}},
    "two_users": {"messages": [USER, USER]},
    "picture": {"messages": [PICTURE, PLAIN]},
    "nested": {"messages": [NESTED, PLAIN]},
    "date": {"messages": [USER], "date_string": "1 Jan 2025", "reasoning_effort": "high"},
    "empty": {"messages": []},
    "null_tools": {"messages": [USER], "tools": None, "documents": None},
}


def main():
    goldens = []
    for path in sorted(HERE.glob("*.jinja")):
        for name, case in CASES.items():
            variables = {**TOKENS, **case}
            text, error = render(path.read_text(encoding="utf-8"), variables)
            golden = {"template": path.name, "case": name}
            golden.update({"text": text} if error is None else {"error": error})
            goldens.append(golden)
    cases = {name: {**TOKENS, **case} for name, case in CASES.items()}
    (HERE / "goldens.json").write_text(json.dumps({"cases": cases, "goldens": goldens}, ensure_ascii=False, indent=1) + "\n",
                                       encoding="utf-8")
    failed = sum("error" in g for g in goldens)
    print(f"{len(goldens)} renderings, {failed} of them errors")


if __name__ == "__main__":
    main()
