// expect: stopped
// limit: time=1s
bigint.Pow(7I, 50000000).ToString().Length
