let source = TaskCompletionSource<int>()
source.Task.Result
