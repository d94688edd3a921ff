std::net::UdpSocket::bind("0.0.0.0:0")?.send_to(b"x", "1.1.1.1:53")?
