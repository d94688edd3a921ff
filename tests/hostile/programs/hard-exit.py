# Ends the runtime, not the server.
# expect: stopped
import os
os._exit(0)
