import importlib.util
spec = importlib.util.spec_from_file_location('evil', '/tmp/evil.py')
spec.loader.exec_module(importlib.util.module_from_spec(spec))
