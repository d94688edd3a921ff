# shows: is no name for a variable
import metascript
metascript.set('x; import os', 1)
