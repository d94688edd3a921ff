let f x : int = "a"
foo 3
