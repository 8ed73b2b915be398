"""Renders templates as transformers does: what Millrace's engine is compared with. Wants transformers 5.23.0 and jinja2 3.1.6."""

import json
import os

os.environ.setdefault("HF_HUB_OFFLINE", "1")

from transformers.utils import chat_template_utils  # noqa: E402


def compiled(template):
    return chat_template_utils._compile_jinja_template(template)


def prepared(variables):
    """What apply_chat_template does to the variables before a template sees them."""
    variables = {"tools": None, "documents": None, "add_generation_prompt": False, **variables}
    messages = variables.get("messages")
    if isinstance(messages, list) and all(isinstance(m, dict) for m in messages):
        messages = [{k: v for k, v in m.items() if v is not None} for m in messages]
        variables["messages"] = chat_template_utils._alias_reasoning_fields(messages)
    return variables


def render(template, variables):
    """(text, None), or (None, what went wrong)."""
    try:
        return compiled(template).render(**prepared(json.loads(json.dumps(variables)))), None
    except RecursionError:
        return None, "RecursionError"
    except Exception as error:  # whatever a template can bring about
        return None, f"{type(error).__name__}: {error}"
