// expect: stopped
metascript.set("big", String('x', 40000000))
