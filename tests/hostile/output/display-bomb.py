# expect: ok
# limit: output=10000
# shows: does not fit into the output limit
display({'image/png': bytes(100000)}, raw=True)
