"""The files of `deploy/` say nothing that the portal does not know, and lead to no registry."""

import os
import re
import shutil
import subprocess
import sys
from configparser import ConfigParser
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest
import yaml

from sehat import cli
from sehat.cli import serving
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


def test_what_compose_asks_for_is_explained() -> None:
    text = (DEPLOY / "compose" / "compose.yml").read_text()
    explained = (ROOT / "docs/deployment.md").read_text()
    assert not [name for name in re.findall(r"\$\{(\w+)", text) if f"{name}=" not in explained]


def test_what_is_mounted_and_copied_is_there_and_secrets_are_not_committed() -> None:
    mounted = {
        source
        for service in COMPOSE["services"].values()
        for source in (volume.split(":")[0] for volume in service.get("volumes", []))
        if source.startswith(".")
    }
    own = {source for source in mounted if re.match(r"\./(secrets|tls)\b", source)}
    assert not [source for source in mounted - own if not (DEPLOY / "compose" / source).exists()]
    for name in (".env", "sehat.env", "secrets/signing.key", "tls/tls.key"):
        ignored = subprocess.run(["git", "check-ignore", "-q", f"deploy/compose/{name}"], cwd=ROOT, check=False)
        assert ignored.returncode == 0, name
    sent = re.findall(r"^!(\S+)", (ROOT / ".dockerignore").read_text(), re.MULTILINE)
    copied = re.findall(r"^COPY (\S+)", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    assert copied
    assert not [source for source in copied if not (ROOT / source).exists() or source not in sent]


def test_who_needs_another_waits_until_it_is_well() -> None:
    services = COMPOSE["services"]
    for name in OF_THE_PORTAL:
        for needed, how in services[name]["depends_on"].items():
            one = "service_completed_successfully" if needed == "migrate" else "service_healthy"
            assert how["condition"] == one
            assert needed == "migrate" or services[needed]["healthcheck"]["test"]
        # `run --rm migrate check` looks at both.
        assert {"postgresql", "redis"} <= set(services[name]["depends_on"])


def test_nginx_of_the_containers_has_room(tmp_path: Path) -> None:
    text = (DEPLOY / "compose" / "nginx.conf").read_text()
    for shipped, ours in {
        "user nginx;": "",
        "/var/log/nginx/error.log": str(tmp_path / "error.log"),
        "/run/nginx.pid": str(tmp_path / "pid"),
        "/etc/nginx/conf.d": str(tmp_path),
    }.items():
        assert shipped in text
        text = text.replace(shipped, ours)
    (tmp_path / "nginx").write_text(text)
    program = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    assert program
    tried = subprocess.run(
        [program, "-t", "-c", tmp_path / "nginx", "-e", tmp_path / "error.log"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert tried.returncode == 0, tried.stderr
    assert "exceed open file resource limit" not in tried.stderr
    found = re.search(r"worker_connections (\d+);", text)
    assert found
    assert int(found[1]) < COMPOSE["services"]["nginx"]["ulimits"]["nofile"]


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    names = {"sehat-web@.service": "sehat-web@8001.service", "sehat-worker@.service": "sehat-worker@1.service"}
    for unit in (DEPLOY / "systemd").iterdir():
        text = unit.read_text().replace("/opt/sehat/.venv/bin/python", sys.executable)
        (tmp_path / names.get(unit.name, unit.name)).write_text(text)
    units = sorted(tmp_path.iterdir())
    assert len(units) == 3
    environment = os.environ | {"SYSTEMD_UNIT_PATH": f"{tmp_path}:"}
    tried = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, check=False, env=environment
    )
    assert (tried.returncode, tried.stderr) == (0, "")


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
        assert int(service["TimeoutStopSec"]) > serving.SERVE_PATIENCE
    assert len(commands) == 5
    for words in commands:
        assert cli._parser().parse_args(words).command


@pytest.mark.parametrize("service", ["portal1", "portal2", "worker"])
def test_containers_have_time_to_end_in_order(service: str) -> None:
    assert int(COMPOSE["services"][service]["stop_grace_period"].removesuffix("s")) > serving.SERVE_PATIENCE


def test_nginx_asks_the_portals_of_the_compose_file() -> None:
    upstream = (DEPLOY / "compose" / "upstream.conf").read_text()
    services, (network,) = COMPOSE["services"], COMPOSE["networks"]["default"]["ipam"]["config"]
    addresses = {services[name]["networks"]["default"]["ipv4_address"] for name in ("portal1", "portal2")}
    assert set(re.findall(r"server (\S+):8000", upstream)) == addresses
    assert all(ip_address(address) in ip_network(network["subnet"]) for address in addresses)
    # It stands in the host's network, so it comes from the gateway, whose word on the asker's address is taken.
    assert services["nginx"]["network_mode"] == "host"
    assert services["portal1"]["environment"]["SEHAT_TRUSTED_PROXIES"] == network["gateway"]
    shipped = (DEPLOY / "nginx" / "upstream.conf").read_text()
    assert re.sub(r"server \S+", "server", upstream) == re.sub(r"server \S+", "server", shipped)


def test_the_relay_starts_with_its_configuration(prepared: Production, tmp_path: Path) -> None:
    keys, port, tls_port = prepared.folder / "keys", free_port(), free_port()
    text = (DEPLOY / "coturn" / "turnserver.conf").read_text()
    for shipped, ours in {
        "listening-port=3478": f"listening-port={port}\nlistening-ip=127.0.0.1\nrelay-ip=127.0.0.1",
        "tls-listening-port=5349": f"tls-listening-port={tls_port}",
        "/etc/coturn/tls/": f"{keys}/",
        "log-file=stdout": f"log-file=stdout\npidfile={tmp_path}/turn.pid\nuserdb={tmp_path}/turn.db",
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
    assert "Relay ports initialization done" in said  # the log goes where containers and the journal look for it
    assert not [line for line in said.splitlines() if complaints.search(line)]
