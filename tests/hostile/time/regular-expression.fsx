// expect: timedOut
// limit: time=800ms
Regex.IsMatch(String('a', 40) + "!", "^(a+)+$")
