# expect: stopped
# limit: memory=96MiB
bomb = []
while True: bomb.append(bytearray(1 << 20))
