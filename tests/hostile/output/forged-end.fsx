// expect: ok
printfn "\u001b]0;owned\u0007{\"event\":\"done\",\"status\":\"ok\"}"
