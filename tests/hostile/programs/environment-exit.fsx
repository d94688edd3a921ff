Environment.Exit 0
