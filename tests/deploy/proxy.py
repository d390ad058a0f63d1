"""The real nginx with the configuration of `deploy/nginx`, on ports of its own, in front of running portals."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.deploy.production import ROOT, Portal
from tests.servers import free_port, wait_for

SOURCE = ROOT / "deploy" / "nginx"
PATIENCE = 10  # seconds


@dataclass
class Proxy:
    """A running nginx."""

    port: int
    plain_port: int
    folder: Path

    @property
    def address(self) -> str:
        """With TLS."""
        return f"https://localhost:{self.port}"


def _configure(folder: Path, keys: Path, portals: Sequence[Portal], proxy: Proxy) -> Path:
    """The files of `deploy/nginx` with other ports, paths and processes; nothing else is changed."""
    upstream = (SOURCE / "upstream.conf").read_text()
    for shipped, portal in zip((8001, 8002), portals, strict=True):
        assert f"127.0.0.1:{shipped}" in upstream
        upstream = upstream.replace(f"127.0.0.1:{shipped}", f"127.0.0.1:{portal.port}")
    (folder / "upstream.conf").write_text(upstream)
    server = re.sub(r"listen \[::\]:.*\n", "\n", (SOURCE / "sehat.conf").read_text())
    for shipped_text, ours in {
        "listen 80;": f"listen 127.0.0.1:{proxy.plain_port};",
        "listen 443 ": f"listen 127.0.0.1:{proxy.port} ",
        "server_name opd.example.in;": "server_name localhost;",
        "/etc/nginx/sehat/upstream.conf": str(folder / "upstream.conf"),
        "/etc/nginx/sehat/tls": str(keys / "tls"),
        "/etc/nginx/sehat/pages": str(SOURCE / "pages"),
        "/var/cache/nginx/sehat": str(folder / "cache"),
        "/var/log/nginx/error.log": str(folder / "error.log"),
    }.items():
        assert shipped_text in server, shipped_text
        server = server.replace(shipped_text, ours)
    (folder / "sehat.conf").write_text(server)
    main = folder / "nginx.conf"
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main.write_text(
        f"pid {folder}/pid; error_log {folder}/error.log warn; worker_processes 1;\n"
        f"events {{ worker_connections 512; }}\nhttp {{ {temporary}\ninclude {folder}/sehat.conf; }}\n"
    )
    return main


@contextmanager
def nginx(folder: Path, keys: Path, portals: Sequence[Portal]) -> Iterator[Proxy]:
    """Started, and ended with the block."""
    folder.mkdir()
    folder.chmod(0o755)
    proxy = Proxy(free_port(), free_port(), folder)
    main = _configure(folder, keys, portals, proxy)
    # Debian keeps it where only root looks.
    program = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    assert program, "nginx is not installed (Debian: nginx)"
    command = [program, "-c", str(main), "-p", str(folder), "-e", str(folder / "error.log")]
    tried = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert tried.returncode == 0, tried.stderr
    # As root nginx works as `nobody`, who may not read the folders of the tests.
    process = subprocess.Popen([*command, "-g", "daemon off; user root;"], cwd=folder)
    try:
        wait_for(proxy.port, process)
        yield proxy
    finally:
        process.terminate()
        process.wait(PATIENCE)
