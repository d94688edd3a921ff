# expect: stopped
# limit: memory=96MiB
x = 'x'
while True: x += x
