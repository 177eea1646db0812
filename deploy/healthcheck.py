"""Whether the web server of this container can answer questions; for the image's health check."""

import os
import urllib.request

# ".example.com" and "*" are patterns, not hosts.
host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().lstrip(".").replace("*", "localhost")
request = urllib.request.Request("http://127.0.0.1:8000/readyz", headers={"Host": host, "X-Forwarded-Proto": "https"})
with urllib.request.urlopen(request, timeout=4):  # noqa: S310  (a fixed http address); raises on anything but success
    pass
