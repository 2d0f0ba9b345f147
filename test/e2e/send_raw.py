"""Puts packets into a TUN device as they are: send_raw.py INTERFACE HEX…"""

import socket
import sys

IPV4, IPV6 = 0x0800, 0x86DD

for text in sys.argv[2:]:
    packet = bytes.fromhex(text)
    device = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    device.bind((sys.argv[1], IPV4 if packet[0] >> 4 == 4 else IPV6))
    device.send(packet)
