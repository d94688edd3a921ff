let x = 41
let add a b = a + b
add x 1
