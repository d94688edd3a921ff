# shows: calls of the host in one cell
while True:
    tars.log('x')
