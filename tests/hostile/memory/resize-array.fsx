// expect: stopped
// limit: memory=160MiB
let bomb = ResizeArray<int[]>()
while true do bomb.Add(Array.create 100000 1)
