let socket = new System.Net.Sockets.TcpClient("127.0.0.1", 22)
