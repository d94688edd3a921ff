Environment.FailFast "down with it"
