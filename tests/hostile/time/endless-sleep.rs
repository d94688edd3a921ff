// expect: timedOut
// limit: time=3s
loop { std::thread::sleep(std::time::Duration::from_secs(1000)) }
