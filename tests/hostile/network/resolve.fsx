System.Net.Dns.GetHostAddresses "example.org"
