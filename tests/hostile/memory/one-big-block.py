# expect: outOfMemory
# limit: memory=96MiB
# shows: MemoryError
bytearray(1 << 30)
