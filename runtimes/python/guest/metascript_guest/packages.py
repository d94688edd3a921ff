"""Imports packages that the user added: the host hands over the text of each module when it is asked for."""

import importlib.abc
import importlib.machinery
import importlib.metadata
import importlib.resources.abc
import importlib.util
import io
import sys

from componentize_py_types import Err
from wit_world.imports import host

from . import values

# Where packages seem to lie. No file is there: what reads one below it asks its loader.
ROOT = "/packages/"


def _ask(operation, **arguments):
    try:
        return values.from_wire(host.call(operation, values.to_wire(arguments)))
    except Err as refused:
        raise ImportError(refused.value.message) from None


def _file(path):
    """The bytes of a file that a package carries, or None."""
    return _ask("packages.file", path=path)


class _Loader(importlib.abc.InspectLoader):
    def __init__(self, name, found):
        self.name = name
        self.path = ROOT + found["path"]
        self.package = found["package"]
        self.source = found["source"]

    def is_package(self, fullname):
        return self.package

    def get_filename(self, fullname=None):
        return self.path

    def get_source(self, fullname):
        return None if self.source is None else importlib.util.decode_source(self.source)

    def get_code(self, fullname):
        return compile(self.source or b"", self.path, "exec", dont_inherit=True)

    def get_data(self, path):
        found = _file(str(path).removeprefix(ROOT))
        if found is None:
            raise FileNotFoundError(2, "the package has no such file", str(path))
        return found

    def get_resource_reader(self, fullname):
        return _Resources(self, self.path.rpartition("/")[0]) if self.package and self.source is not None else None


class _Resources(importlib.resources.abc.ResourceReader):
    """Files beside a package's modules, by their name."""

    def __init__(self, loader, folder):
        self.loader = loader
        self.folder = folder

    def open_resource(self, resource):
        return io.BytesIO(self.loader.get_data(f"{self.folder}/{resource}"))

    def resource_path(self, resource):
        raise FileNotFoundError(2, "files of a package have no path in the sandbox", resource)

    def is_resource(self, path):
        return _file(f"{self.folder}/{path}".removeprefix(ROOT)) is not None

    def contents(self):
        return iter(())


class _Distribution(importlib.metadata.Distribution):
    def __init__(self, folder):
        self.folder = folder

    def read_text(self, filename):
        found = _file(f"{self.folder}/{filename}")
        return None if found is None else found.decode("utf-8", "replace")

    def locate_file(self, path):
        raise FileNotFoundError(2, "files of a package have no path in the sandbox", str(path))


def _normal(name):
    return importlib.metadata.Prepared.normalize(name)


class _Finder(importlib.metadata.DistributionFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in sys.stdlib_module_names:
            return None
        found = _ask("packages.module", language="python", name=name)
        if found is None:
            return None
        loader = _Loader(name, found)
        spec = importlib.machinery.ModuleSpec(name, loader, origin=loader.path, is_package=loader.package)
        if loader.package:
            spec.submodule_search_locations = [loader.path.removesuffix("/__init__.py")]
        spec.has_location = loader.source is not None
        return spec

    def find_distributions(self, context=importlib.metadata.DistributionFinder.Context()):
        for found in _ask("packages.list"):
            if found["folder"] and (context.name is None or _normal(found["name"]) == _normal(context.name)):
                yield _Distribution(found["folder"])


def install(before):
    """Asks the host before the finder `before` says that there is no such module."""
    sys.meta_path.insert(sys.meta_path.index(before), _Finder())
