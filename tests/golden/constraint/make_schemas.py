"""Writes schemas.json: JSON Schemas with texts that fit and texts that do not, as the package jsonschema has it.

    python make_schemas.py              writes the file
    python make_schemas.py WALKS        checks what MILLRACE_WALKS=WALKS decoders_test wrote: lines of
                                        {"schema": …, "text": …} or {"pattern": …, "text": …}

Of the texts that fit, those are listed that the constraint is meant to let through.
"""

import json
import re
import sys
from pathlib import Path

import jsonschema

TREE = {
    "$defs": {
        "node": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "#/$defs/node"}}},
            "required": ["name"],
            "additionalProperties": False,
        }
    },
    "$ref": "#/$defs/node",
}
SHAPE = {
    "oneOf": [
        {
            "type": "object",
            "properties": {"kind": {"const": "circle"}, "radius": {"type": "number", "exclusiveMinimum": 0}},
            "required": ["kind", "radius"],
        },
        {
            "type": "object",
            "properties": {"kind": {"enum": ["square", "cube"]}, "side": {"type": "integer", "minimum": 1}},
            "required": ["kind"],
        },
    ]
}
PYDANTIC = {
    "$defs": {
        "Address": {
            "properties": {"street": {"title": "Street", "type": "string"}, "zip": {"pattern": "^\\d{5}$", "type": "string"}},
            "required": ["street", "zip"],
            "title": "Address",
            "type": "object",
        }
    },
    "properties": {
        "name": {"title": "Name", "type": "string", "minLength": 1, "maxLength": 20},
        "age": {"anyOf": [{"type": "integer", "minimum": 0, "maximum": 150}, {"type": "null"}], "default": None},
        "home": {"$ref": "#/$defs/Address", "description": "where"},
        "tags": {"items": {"type": "string"}, "type": "array", "maxItems": 3},
    },
    "required": ["name", "home"],
    "title": "Person",
    "type": "object",
}

CASES = [
    ({}, ["1", "{}", "[1, null]", '"x"', '{"a": {"b": [true, false]}}', "-1.5e-3"], ["{", "01", "tru", "'a'", '{"a":}']),
    (True, ["1"], [""]),
    ({"type": "string"}, ['""', '"a\\n\\u00e9é😀\\ud83d\\ude00"'], ['"a', '"\n"', '"\\x"', "a", '"\\ud83d"']),
    ({"type": "string", "minLength": 2, "maxLength": 3}, ['"ab"', '"é😀\\n"'], ['"a"', '"abcd"', '""']),
    ({"type": "string", "pattern": "^[a-c]+\\d?$"}, ['"abc1"', '"a"'], ['"1"', '"abd"', '""', '"a12"']),
    ({"type": "string", "pattern": "b"}, ['"abc"', '"b"', '"\\"b"'], ['"a"', '""']),
    ({"type": "string", "pattern": '^".\\\\"?$'}, ['"\\"x\\\\"', '"\\"\\"\\\\\\""'], ['"x"']),
    ({"type": "string", "format": "date"}, ['"2024-12-31"', '"1999-02-28"'], ['"2024-13-01"', '"2024-02-30"', '"x"']),
    ({"type": "string", "format": "time"}, ['"12:30:00Z"', '"00:00:00.5+01:00"'], ['"24:00:00Z"', '"12:30"']),
    ({"type": "string", "format": "date-time"}, ['"2024-12-31T23:59:59Z"'], ['"2024-12-31"']),
    ({"type": "string", "format": "uuid"}, ['"123e4567-e89b-12d3-a456-426614174000"'], ['"123e4567"']),
    ({"type": "string", "format": "email"}, ['"a.b@example.org"'], ['"example.org"']),
    ({"type": "string", "format": "ipv4"}, ['"192.168.0.255"'], ['"192.168.0.256"', '"1.2.3"']),
    ({"type": "string", "format": "nobody-knows"}, ['"x"'], ["1"]),
    ({"type": "integer"}, ["0", "-12", "123456"], ["1.5", "01", "-", "+1", "true"]),
    ({"type": "integer", "minimum": -3, "maximum": 120}, ["-3", "0", "7", "99", "120"], ["-4", "121", "1000", "007"]),
    ({"type": "integer", "minimum": 95, "maximum": 1007}, ["95", "100", "999", "1000", "1007"], ["94", "1008", "9"]),
    ({"type": "integer", "exclusiveMinimum": 9, "exclusiveMaximum": 21}, ["10", "20"], ["9", "21"]),
    ({"type": "integer", "maximum": -5}, ["-5", "-6", "-100"], ["-4", "0", "5"]),
    ({"type": "integer", "minimum": 250}, ["250", "999", "1000", "25000"], ["249", "30", "-300"]),
    ({"type": "number"}, ["1", "-0.5", "1e5", "1.25E-3"], ["1.", ".5", "1e"]),
    ({"type": "number", "minimum": 0, "maximum": 1}, ["0", "0.5", "1", "1.0", "0.999"], ["-0.1", "1.01", "2"]),
    ({"type": "number", "minimum": 0.25, "maximum": 0.75}, ["0.25", "0.3", "0.7499", "0.75", "0.750"], ["0.2", "0.751", "0"]),
    ({"type": "number", "exclusiveMinimum": -1.5, "exclusiveMaximum": 10}, ["-1.49", "0", "9.99", "-1"], ["-1.5", "-1.50", "10", "-2"]),
    ({"type": "number", "maximum": -2.5}, ["-2.5", "-2.75", "-3", "-100.1"], ["-2.4", "-2", "0", "3"]),
    ({"type": ["integer", "null"]}, ["3", "null"], ["true", '"3"']),
    ({"type": "boolean"}, ["true", "false"], ["null", "True"]),
    ({"enum": ["red", "green", 3, None, {"a": [1]}]}, ['"red"', "3", "null", '{"a":[1]}'], ['"blue"', "4"]),
    ({"enum": ["a", "bb", 7], "type": "string", "minLength": 2}, ['"bb"'], ['"a"', "7"]),
    ({"const": "x\"y"}, ['"x\\"y"'], ['"x"']),
    ({"type": "array"}, ["[]", "[1, \"a\"]"], ["[1,]", "{}"]),
    ({"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 3}, ["[1]", "[1, 2, 3]", "[\n 1]"], ["[]", "[1,2,3,4]", '["a"]']),
    ({"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}], "items": False, "minItems": 1}, ["[1]", '[1, "a"]'], ["[]", '["a"]', '[1, "a", 2]']),
    ({"type": "array", "prefixItems": [{"type": "integer"}], "items": {"type": "boolean"}, "minItems": 2}, ["[1, true]", "[1,true,false]"], ["[1]", "[1, 2]"]),
    ({"type": "object"}, ["{}", '{"a": 1, "b": {}}'], ["[]", '{"a" 1}']),
    (
        {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}, "c": {}}, "required": ["b"]},
        ['{"a": 1, "b": "x"}', '{"b": ""}', '{"b":"x","c":[]}', '{\n  "a": 1,\n  "b": "x"\n}'],
        ["{}", '{"a": 1}', '{"b": 1}', '{"a": 1 "b": "x"}'],
    ),
    (
        {"type": "object", "properties": {"ab": {"type": "integer"}}, "additionalProperties": {"type": "boolean"}},
        ["{}", '{"ab": 1}', '{"ab": 1, "x": true}', '{"a": true, "abc": false, "": true}'],
        ['{"ab": true}', '{"x": 1}'],
    ),
    ({"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 1, "maxProperties": 2}, ['{"a": 1}', '{"a":1,"b":2}'], ["{}", '{"a": "x"}', '{"a":1,"b":2,"c":3}']),
    ({"type": "object", "patternProperties": {"^x_": {"type": "integer"}}, "additionalProperties": False}, ["{}", '{"x_a": 1}'], ['{"y": 1}', '{"x_a": "b"}']),
    ({"type": "object", "required": ["id"]}, ['{"id": 1}'], ["{}"]),
    ({"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}]}, ["1", "[1, 2]"], ['"a"', "[[1]]"]),
    ({"allOf": [{"properties": {"a": {"type": "integer"}}, "required": ["a"]}, {"properties": {"b": {"type": "null"}}, "required": ["b"]}]}, ['{"a": 1, "b": null}'], ['{"a": 1}']),
    ({"type": "integer", "allOf": [{"minimum": 3}, {"maximum": 5}, {"minimum": 4}]}, ["4", "5"], ["3", "6"]),
    (SHAPE, ['{"kind": "circle", "radius": 0.5}', '{"kind": "cube", "side": 3}'], ['{"kind": "circle"}', '{"kind": "circle", "radius": 0}', '{"kind": "cube", "side": 0}']),
    (TREE, ['{"name": "a"}', '{"name": "a", "children": [{"name": "b", "children": []}]}'], ['{"children": []}', '{"name": "a", "children": [1]}']),
    (PYDANTIC, ['{"name": "Al", "age": null, "home": {"street": "x", "zip": "12345"}}', '{"name":"Al","home":{"street":"x","zip":"12345"},"tags":["a"]}'], ['{"name": "", "home": {"street": "x", "zip": "12345"}}', '{"name": "Al", "age": 151, "home": {"street": "x", "zip": "12345"}}']),
    ({"type": "array", "items": {"$ref": "#"}}, ["[]", "[[], [[]]]"], ["[1]"]),
]


def fits(schema, text):
    try:
        value = json.loads(text)
    except ValueError:
        return False
    checker = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
    return checker.is_valid(value)


def check_walks(path):
    wrong = total = 0
    for line in Path(path).read_text().split("\n"):
        if not line:
            continue
        walk = json.loads(line)
        total += 1
        if "pattern" in walk:
            good = re.fullmatch(walk["pattern"], walk["text"]) is not None
        else:
            good = fits(walk["schema"], walk["text"])
        if not good:
            wrong += 1
            print("does not fit:", line[:1000])
    print(f"{total} walks, {wrong} wrong")
    raise SystemExit(1 if wrong else 0)


def main():
    if len(sys.argv) == 2:
        check_walks(sys.argv[1])
    for schema, valid, invalid in CASES:
        for text in valid:
            assert fits(schema, text), (schema, text)
        for text in invalid:
            assert text == '"\\ud83d"' or not fits(schema, text), (schema, text)
    lines = ",\n".join(json.dumps({"schema": s, "valid": v, "invalid": i}, ensure_ascii=False) for s, v, i in CASES)
    Path(__file__).with_name("schemas.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
