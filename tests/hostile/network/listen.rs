std::net::TcpListener::bind("0.0.0.0:0")?;
