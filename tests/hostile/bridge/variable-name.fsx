metascript.set("a; import os", 1)
