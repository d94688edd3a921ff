# expect: ok
import sys
sys.stdout = None
5
