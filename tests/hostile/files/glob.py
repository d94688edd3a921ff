# expect: ok
# shows: []
import glob
glob.glob('/**/*', recursive=True) + glob.glob('/*')
