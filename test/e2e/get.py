"""Prints the body of an HTTP GET, of an error answer too. Runs inside a host's namespace."""

import sys
import urllib.error
import urllib.request

try:
    answer = urllib.request.urlopen(sys.argv[1], timeout=5)
except urllib.error.HTTPError as error:
    answer = error
except urllib.error.URLError as error:
    sys.exit(str(error))
sys.stdout.write(answer.read().decode())
