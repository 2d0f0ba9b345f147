"""Accepts TCP connections and lets go of them: tcp_server.py ADDRESS PORT."""

import socket
import sys

address, port = sys.argv[1], int(sys.argv[2])
family = socket.AF_INET6 if ":" in address else socket.AF_INET
with socket.create_server((address, port), family=family) as server:
    print("ready", flush=True)
    while True:
        connection, _ = server.accept()
        connection.close()
