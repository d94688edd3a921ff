std::thread::spawn(|| 1).join().unwrap()
