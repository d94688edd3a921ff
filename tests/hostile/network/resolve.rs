use std::net::ToSocketAddrs;
"example.com:80".to_socket_addrs()?.collect::<Vec<_>>()
