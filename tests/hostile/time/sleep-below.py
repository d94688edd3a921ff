# `select` waits in a call to the system.
# expect: stopped
# limit: time=300ms
import select
select.select([], [], [], 1000)
