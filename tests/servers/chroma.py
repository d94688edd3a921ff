"""A real Chroma server, without the Python packages around it.

    python chroma.py FOLDER PORT
"""

import sys

import chromadb_rust_bindings

folder, port = sys.argv[1:]
chromadb_rust_bindings.cli(["chroma", "run", "--path", folder, "--host", "127.0.0.1", "--port", port])
