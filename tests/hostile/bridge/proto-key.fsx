// expect: any
metascript.set("__proto__", Map [ "polluted", true ])
metascript.set("m", Map [ "__proto__", Map [ "polluted", true ] ])
