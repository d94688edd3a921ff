// expect: ok
// limit: output=20000
printf "%s" (String('x', 5000000))
