"""What a cell may ask of the host: each call is checked by the session's policy and written to its audit log."""

import json as _json

import metascript as _metascript
from componentize_py_types import Err as _Err
from metascript_guest import output as _output
from metascript_guest import values as _values
from wit_world.imports import host as _host

__all__ = [
    "Answer", "Denied", "Error", "NotFound", "Response", "agents", "debug", "error", "fs", "http", "llm", "log", "metascript",
    "vars", "vector", "warn",
]

Error = _metascript.Error


class Denied(Error, PermissionError):
    """The policy does not allow it."""

    __str__ = Exception.__str__


class NotFound(Error, FileNotFoundError):
    """There is no such file or folder."""

    __str__ = Exception.__str__


_ERRORS = {"denied": Denied, "not-found": NotFound}


def _call(operation, **arguments):
    try:
        wire = _values.to_wire(arguments)
    except _values.Refused as refused:
        raise TypeError(f"{operation}: {refused}") from None
    try:
        return _values.from_wire(_host.call(operation, wire))
    except _Err as refused:
        code, message = refused.value.code, refused.value.message
    raise _ERRORS.get(code, Error)(code, message)


def _log(level, message):
    _output.flush()
    _call("log", level=level, message=str(message))


def log(message):
    """Writes a line to the session's output and to the audit log."""
    _log("info", message)


def debug(message):
    """A line of level `debug`."""
    _log("debug", message)


def warn(message):
    """A line of level `warning`."""
    _log("warning", message)


def error(message):
    """A line of level `error`."""
    _log("error", message)


class vars:
    """Variables that the languages of the session share."""

    get = staticmethod(_metascript.get)
    set = staticmethod(_metascript.set)
    list = staticmethod(_metascript.variables)


class fs:
    """Files below the folders that the policy grants. Relative paths begin at the script's folder."""

    @staticmethod
    def read(path):
        """The text of a file, which must be UTF-8."""
        return _call("fs.read-text", path=str(path))

    @staticmethod
    def bytes(path):
        """The bytes of a file."""
        return _call("fs.read-bytes", path=str(path))

    @staticmethod
    def write(path, content):
        """Writes text or bytes, whole or not at all; replaces what was there."""
        if isinstance(content, str):
            _call("fs.write-text", path=str(path), text=content)
        else:
            _call("fs.write-bytes", path=str(path), bytes=content)

    @staticmethod
    def append(path, text):
        """Adds text at the end of a file, which is made if need be."""
        _call("fs.append-text", path=str(path), text=text)

    @staticmethod
    def list(path="."):
        """What is in a folder, by name: maps of `name`, `kind` (`file`, `folder`, `other`) and `size`."""
        return _call("fs.list", path=str(path))

    @staticmethod
    def info(path):
        """A map of `kind`, `size` and `modified`."""
        return _call("fs.info", path=str(path))

    @staticmethod
    def exists(path):
        """Whether there is a file or folder of that name."""
        return _call("fs.exists", path=str(path))

    @staticmethod
    def mkdir(path):
        """Makes a folder, and those above it."""
        _call("fs.create-folder", path=str(path))

    @staticmethod
    def remove(path):
        """Removes a file or an empty folder."""
        _call("fs.remove", path=str(path))


class Response:
    """The answer to a request."""

    def __init__(self, answer):
        self.status = answer["status"]
        self.reason = answer["reason"]
        self.url = answer["url"]
        self.headers = answer["headers"]
        self.body = answer["body"]

    @property
    def ok(self):
        """Whether the status says success."""
        return 200 <= self.status < 300

    @property
    def text(self):
        """The body as UTF-8."""
        return self.body.decode("utf-8", "replace")

    def json(self):
        """The body, read as JSON."""
        return _json.loads(self.body)

    def __repr__(self):
        return f"<Response {self.status} {self.reason} of {len(self.body)} bytes>"


class http:
    """Requests to the hosts that the policy grants."""

    @staticmethod
    def request(method, url, headers=None, body=None, timeout=None):
        """Makes a request; `timeout` is in seconds. A text is sent as UTF-8."""
        body = body.encode() if isinstance(body, str) else body
        headers = {str(name): str(value) for name, value in (headers or {}).items()}
        milliseconds = None if timeout is None else max(1, round(timeout * 1000))
        return Response(_call("http.request", method=method, url=str(url), headers=headers, body=body, timeout=milliseconds))

    @staticmethod
    def get(url, headers=None, timeout=None):
        """GET."""
        return http.request("GET", url, headers, None, timeout)

    @staticmethod
    def post(url, body, headers=None, timeout=None):
        """POST; what is neither text nor bytes is sent as JSON."""
        if body is not None and not isinstance(body, (str, bytes, bytearray)):
            body = _json.dumps(body)
            headers = {"content-type": "application/json", **(headers or {})}
        return http.request("POST", url, headers, body, timeout)


class Answer:
    """What a language model said."""

    def __init__(self, answer):
        self.text = answer["text"]
        self.model = answer["model"]
        self.provider = answer["provider"]
        self.input_tokens = answer["input_tokens"]
        self.output_tokens = answer["output_tokens"]

    def __str__(self):
        return self.text

    def __repr__(self):
        return f"<Answer of {self.model}: {self.text!r}>"


class llm:
    """Language models that the policy and the user's settings allow."""

    @staticmethod
    def complete(prompt, model=None, max_tokens=None, temperature=None, system=None):
        """A model's answer to a prompt. `model` names a provider or a model of the settings."""
        return Answer(_call("llm.complete", prompt=str(prompt), model=model, max_tokens=max_tokens, temperature=temperature, system=system))

    @staticmethod
    def chat(messages, model=None, max_tokens=None, temperature=None, system=None):
        """A model's next words in a conversation: maps of `role` (`system`, `user`, `assistant`) and `content`."""
        messages = [dict(message) for message in messages]
        return Answer(_call("llm.chat", messages=messages, model=model, max_tokens=max_tokens, temperature=temperature, system=system))

    @staticmethod
    def embed(texts):
        """A vector for each text; for one text its vector."""
        one = isinstance(texts, str)
        vectors = _call("llm.embed", texts=[texts] if one else list(texts))["vectors"]
        return vectors[0] if one else vectors


class vector:
    """Texts that are found by likeness, in stores by name."""

    @staticmethod
    def add(text, id=None, metadata=None, store=None):
        """Adds a text and gives its id; one of the same id is replaced. `metadata` maps texts to texts."""
        metadata = {str(name): str(value) for name, value in (metadata or {}).items()}
        return _call("vector.add", text=str(text), id=id, metadata=metadata, store=store)["id"]

    @staticmethod
    def search(text, limit=5, store=None):
        """The likest texts first: maps of `id`, `text`, `score` (1 is the same) and `metadata`."""
        return _call("vector.search", text=str(text), limit=limit, store=store)


class metascript:
    """Other scripts."""

    @staticmethod
    def run(path, variables=None):
        """Runs a script in a session of its own: a map of `status`, `output`, `error` and its `variables`."""
        return _call("metascript.run", path=str(path), variables=variables or {})


class agents:
    """Agents of the session, and messages between them."""

    @staticmethod
    def announce(name, capabilities=()):
        """An agent is there and can do this."""
        _call("agents.announce", name=name, capabilities=list(capabilities))

    @staticmethod
    def list():
        """Maps of `name` and `capabilities`."""
        return _call("agents.list")

    @staticmethod
    def message(to, content, sender=""):
        """Leaves a message for an agent."""
        _call("agents.message", to=to, content=str(content), **{"from": sender})

    @staticmethod
    def inbox(name):
        """The messages to an agent, which are read by this: maps of `from` and `content`."""
        return _call("agents.inbox", name=name)
