# Whatever a cell does to the guest's side, the host decides.
# hides: TOP SECRET
# shows: reads and writes no files
import tars as module
module.Denied = Exception
module._ERRORS.clear()
module._call('fs.read-text', path='../secret.txt')
