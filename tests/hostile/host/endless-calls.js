// shows: calls of the host in one cell
for (;;) tars.vars.set('x', 1)
