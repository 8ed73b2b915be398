"""Reads subtitle files strictly, by their definitions and not by the program's code: SRT as players share it, WebVTT by
https://www.w3.org/TR/webvtt1/. Each function gives cues (start, end, text) in seconds, or raises ValueError."""
import re

SRT_TIMES = re.compile(r"^(\d\d+):([0-5]\d):([0-5]\d),(\d{3}) --> (\d\d+):([0-5]\d):([0-5]\d),(\d{3})$")
VTT_TIMES = re.compile(r"^(?:(\d\d+):)?([0-5]\d):([0-5]\d)\.(\d{3})[ \t]+-->[ \t]+(?:(\d\d+):)?([0-5]\d):([0-5]\d)\.(\d{3})$")
VTT_ESCAPES = {"amp": "&", "lt": "<", "gt": ">", "lrm": "\u200e", "rlm": "\u200f", "nbsp": "\u00a0"}


def blocks_of(text):
    """The runs of lines between empty lines. A file ends with a line's end."""
    if text and not text.endswith("\n"):
        raise ValueError("the last line has no end")
    if "\r" in text or "\0" in text:
        raise ValueError("a line holds a carriage return or a zero")
    return [block.split("\n") for block in re.split(r"\n{2,}", text.strip("\n")) if block]


def times(pattern, line):
    match = pattern.match(line)
    if not match:
        raise ValueError(f"no line of times: {line!r}")
    fields = [int(field or 0) for field in match.groups()]
    start, end = (h * 3600 + m * 60 + s + ms / 1000 for h, m, s, ms in (fields[:4], fields[4:]))
    if not start < end:
        raise ValueError(f"ends before it has begun: {line}")
    return start, end


def checked(cues):
    for before, after in zip(cues, cues[1:]):
        if after[0] < before[0]:
            raise ValueError(f"a cue begins at {after[0]}, before the one ahead of it at {before[0]}")
    return cues


def words_of(lines):
    if not lines:
        raise ValueError("a cue without words")
    if any("-->" in line for line in lines):
        raise ValueError(f"an arrow among the words: {lines}")
    return "\n".join(lines)


def read_srt(text):
    cues = []
    for number, lines in enumerate(blocks_of(text), 1):
        if lines[0] != str(number):
            raise ValueError(f"cue {number} is numbered {lines[0]!r}")
        cues.append((*times(SRT_TIMES, lines[1]), words_of(lines[2:])))
    return checked(cues)


def unescaped(text):
    if "<" in text:
        raise ValueError(f"a tag, or a bare < : {text!r}")
    def character(match):
        if match[1] not in VTT_ESCAPES:
            raise ValueError(f"a bare & : {text!r}")
        return VTT_ESCAPES[match[1]]
    return re.sub(r"&(?:([a-z]+);)?", character, text)


def read_vtt(text):
    header, *rest = blocks_of(text)
    if header != ["WEBVTT"] or not text.startswith("WEBVTT\n\n"):
        raise ValueError(f"begins with {header}")
    return checked([(*times(VTT_TIMES, lines[0]), unescaped(words_of(lines[1:]))) for lines in rest])
