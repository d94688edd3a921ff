# expect: stopped
# limit: memory=96MiB
import zlib
zlib.decompress(zlib.compress(bytes(1 << 22)) * 1 + b'') * 1000
