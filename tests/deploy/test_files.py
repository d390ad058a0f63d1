"""The files of `deploy/` say nothing that the portal does not know, and lead to no registry."""

import re
import subprocess
from configparser import ConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from sehat import cli
from tests.deploy.production import ROOT, Production
from tests.servers import free_port, wait_for

DEPLOY = ROOT / "deploy"
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose" / "compose.yml").read_text())
DOCUMENTED = set(re.findall(r"^\| `([A-Z_]+)`", (ROOT / "docs/environment.md").read_text(), re.MULTILINE))
OF_THE_PORTAL = ("migrate", "portal1", "portal2", "worker")


def test_the_whole_house_is_there() -> None:
    assert set(COMPOSE["services"]) == {*OF_THE_PORTAL, "postgresql", "redis", "coturn", "nginx"}


def test_every_variable_is_one_of_the_portal() -> None:
    example = re.findall(r"^([A-Z_]+)=", (DEPLOY / "sehat.env.example").read_text(), re.MULTILINE)
    compose = {name for service in OF_THE_PORTAL for name in COMPOSE["services"][service]["environment"]}
    assert {*example, *compose} <= DOCUMENTED
    assert {"SEHAT_SECRET_KEY", "SEHAT_HOSTS", "SMS_URL", "SEHAT_SIGNING_KEY", "SEHAT_QR_KEY"} <= set(example)


def test_images_have_plain_names() -> None:
    images = [service["image"] for service in COMPOSE["services"].values()]
    images += re.findall(r"^FROM (\S+)", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    assert not [image for image in images if "." in image.split("/")[0].partition(":")[0]]


def test_the_commands_are_commands_of_the_portal() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    found = re.search(r"^CMD (\[.*\])$", dockerfile, re.MULTILINE)
    assert found
    commands = [yaml.safe_load(found[1])]
    commands += [
        COMPOSE["services"][name]["command"] for name in OF_THE_PORTAL if "command" in COMPOSE["services"][name]
    ]
    for unit in sorted((DEPLOY / "systemd").glob("*.service")):
        parser = ConfigParser(strict=False, interpolation=None)
        parser.read(unit)
        service = parser["Service"]
        words = service["ExecStart"].replace("%i", "8001").split()
        assert words[1:3] == ["-m", "sehat"]
        commands.append(words[3:])
        assert service["RestartPreventExitStatus"] == "2"
        assert int(service["TimeoutStopSec"]) > cli.SERVE_PATIENCE
    assert len(commands) == 5
    for words in commands:
        assert cli._parser().parse_args(words).command


@pytest.mark.parametrize("service", ["portal1", "portal2", "worker"])
def test_containers_have_time_to_end_in_order(service: str) -> None:
    assert int(COMPOSE["services"][service]["stop_grace_period"].removesuffix("s")) > cli.SERVE_PATIENCE


def test_nginx_asks_the_portals_of_the_compose_file() -> None:
    upstream = (DEPLOY / "compose" / "upstream.conf").read_text()
    assert set(re.findall(r"server (\w+):8000", upstream)) == {"portal1", "portal2"}
    shipped = (DEPLOY / "nginx" / "upstream.conf").read_text()
    assert re.sub(r"server \S+", "server", upstream) == re.sub(r"server \S+", "server", shipped)


def test_the_relay_starts_with_its_configuration(prepared: Production, tmp_path: Path) -> None:
    keys, port, tls_port = prepared.folder / "keys", free_port(), free_port()
    text = (DEPLOY / "coturn" / "turnserver.conf").read_text()
    for shipped, ours in {
        "listening-port=3478": f"listening-port={port}\nlistening-ip=127.0.0.1\nrelay-ip=127.0.0.1",
        "tls-listening-port=5349": f"tls-listening-port={tls_port}",
        "/etc/coturn/tls/": f"{keys}/",
        "syslog": f"log-file={tmp_path}/turn.log\nsimple-log\npidfile={tmp_path}/turn.pid\nuserdb={tmp_path}/turn.db",
    }.items():
        assert f"\n{shipped}" in text or f"={shipped}" in text
        text = text.replace(f"\n{shipped}", f"\n{ours}").replace(f"={shipped}", f"={ours}")
    own = tmp_path / "turnserver.conf"
    own.write_text(text)
    command = ["turnserver", "-c", str(own), "--static-auth-secret=of-the-tests", "--external-ip=127.0.0.1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=tmp_path) as relay:
        try:
            wait_for(port, relay)  # type: ignore[arg-type]
            wait_for(tls_port, relay)  # type: ignore[arg-type]
        finally:
            relay.terminate()
            said = relay.communicate(timeout=20)[0]
    complaints = re.compile(r"bad configuration|unrecognized|unknown|cannot (find|start|load)", re.IGNORECASE)
    written = said + (tmp_path / "turn.log").read_text()
    assert not [line for line in written.splitlines() if complaints.search(line)]
