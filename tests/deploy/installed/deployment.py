"""`deploy/` carried out on this machine: its image built, its compose file brought up, the sandbox as the two systems.

podman stands in for Docker. Its health checks are timers of systemd, which may not be at work here, so they are run by
hand; and it knows of no condition to wait for, so parts are started in the order that the compose file asks for.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from qondor_finago_pipelines.sandbox.seeds import office_settings_yaml, seeded

from ..conftest import DEPLOY, TOP

IMAGE = "qondor-finago:0.1.0"
PROJECT = "qondor-finago"
SYSTEMS = "https://systems:8443"
OPERATOR, READER = ("operator", "of-the-sync"), ("reader", "only-looks")
PATIENCE = 600.0
"""Seconds within which anything is there: generous, since the machine may have other work."""

ENVIRONMENT = {**os.environ, "CONTAINERS_CONF": str(DEPLOY / "test" / "containers.conf")}


def run(*command: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    """A command to its end. Raises AssertionError with its last words where it fails, unless `check=False`."""
    check = options.pop("check", True)
    ended = subprocess.run(
        [str(word) for word in command], env=ENVIRONMENT, text=True, capture_output=True, check=False, **options
    )
    assert not check or ended.returncode == 0, (
        f"{' '.join(map(str, command))}\n{ended.stdout[-3000:]}{ended.stderr[-3000:]}"
    )
    return ended


def podman(*arguments: str | Path, **options: Any) -> str:
    return run("podman", *arguments, **options).stdout.strip()


def wait_until(what: str, holds: Callable[[], object], patience: float = PATIENCE) -> None:
    """Asks again and again; raises AssertionError with the last answer where it does not come true."""
    end = time.monotonic() + patience
    while not (answer := holds()):
        assert time.monotonic() < end, f"{what}: not within {patience:.0f} s, {answer!r}"
        time.sleep(0.5)


def build_image(source: Path = TOP, tag: str = IMAGE, dockerfile: Path = DEPLOY / "Dockerfile") -> None:
    """Builds the image; how this machine reaches its registries is mounted for the time of the build, never copied."""
    mounts = [word for path in _registry_set_up() for word in ("--volume", f"{path}:{path}:ro")]
    podman("build", "--file", dockerfile, "--network", "host", *mounts, "--tag", tag, source)


def _registry_set_up() -> list[str]:
    """The machine's certificates, its pip configuration, and the folders that this names."""
    files = [path for path in ("/etc/pip.conf", "/etc/ssl/certs") if Path(path).exists()]
    configured = run(sys.executable, "-m", "pip", "config", "list", check=False).stdout
    folders = {f"/{part}" for part in re.findall(r"(?:file://|=')/([\w./-]+)", configured) if Path(f"/{part}").is_dir()}
    return [*files, *sorted(folders - {"/etc/ssl/certs"})]


class Deployment:
    """One installation by the compose file, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._write_files()

    def _write_files(self) -> None:
        shutil.copytree(DEPLOY, self.folder / "deploy")
        world = seeded("demo")
        password = secrets.token_hex(24)
        database = (DEPLOY / "database.env.example").read_text(encoding="utf-8")
        database = re.sub("(?m)^POSTGRES_PASSWORD=.*", f"POSTGRES_PASSWORD={password}", database)
        for name, value in (("USER", "qondor_finago"), ("PASSWORD", password), ("DB", "qondor_finago")):
            # Compose fills references in; podman's stand-in for it does not.
            database = database.replace(f"${{POSTGRES_{name}}}", value)
        self._write("deploy/database.env", database)
        (self.folder / "tls").mkdir()
        self._make_certificates()
        self.secrets = _environment_of_the_sandbox()
        self._write("deploy/sync.env", "".join(f"{name}={value}\n" for name, value in self.secrets.items()))
        self._write("offices.yaml", office_settings_yaml(world, sync={"qondor_calls_per_second": 9.5}), mode=0o644)
        hashes = [
            podman("run", "--rm", "--network", "none", "caddy:2", "caddy", "hash-password", "--plaintext", word)
            for _, word in (OPERATOR, READER)
        ]
        proxy = {
            "UI_HOST": "localhost", "UI_PORT": "443", "READERS_PORT": "8443", "TLS_CERTIFICATE": "internal",
            "LOGIN": "basic", "OPERATOR": OPERATOR[0], "OPERATOR_PASSWORD_HASH": f"'{hashes[0]}'",
            "READER": READER[0], "READER_PASSWORD_HASH": f"'{hashes[1]}'",
        }  # fmt: skip
        self._write("deploy/proxy.env", "".join(f"{name}={value}\n" for name, value in proxy.items()))

    def _write(self, name: str, text: str, mode: int = 0o600) -> None:
        file = self.folder / name
        file.write_text(text, encoding="utf-8")
        file.chmod(mode)

    def _make_certificates(self) -> None:
        """An authority of the tests, and a certificate of `systems` by it, so that TLS is verified as in real life."""
        tls = self.folder / "tls"
        new = ("-newkey", "rsa:2048", "-nodes")
        run("openssl", "req", "-x509", *new, "-days", "2", "-subj", "/CN=authority of the tests", "-keyout",
            tls / "ca.key", "-out", tls / "ca.crt")  # fmt: skip
        run("openssl", "req", *new, "-subj", "/CN=systems", "-keyout", tls / "server.key", "-out", tls / "server.csr")
        (tls / "names").write_text("subjectAltName=DNS:systems\n", encoding="utf-8")
        run("openssl", "x509", "-req", "-in", tls / "server.csr", "-CA", tls / "ca.crt", "-CAkey", tls / "ca.key",
            "-CAcreateserial", "-days", "2", "-extfile", tls / "names", "-out", tls / "server.crt")  # fmt: skip
        (tls / "server.key").chmod(0o644)

    # parts

    def compose(self, *arguments: str) -> str:
        folder = self.folder / "deploy"
        program = Path(sys.executable).with_name("podman-compose")
        files = ("--file", folder / "compose.yaml", "--file", folder / "test" / "compose.yaml")
        return run(program, *files, *arguments, cwd=folder).stdout

    def up(self) -> None:
        """Everything, each part when those that it needs are well."""
        self.start("systems", "systems-tls", "postgres")
        self.wait_healthy("postgres")
        self.compose("up", "--no-deps", "migrate")
        assert podman("inspect", self.name("migrate"), "--format", "{{.State.ExitCode}}") == "0"
        self.start("code")
        self.wait_healthy("code")
        self.start("webserver", "webserver-readonly", "daemon")
        self.wait_healthy("webserver", "webserver-readonly")
        self.start("proxy")

    def start(self, *parts: str) -> None:
        self.compose("up", "--detach", "--no-deps", *parts)

    def down(self, *, with_data: bool = False) -> None:
        self.compose("down", *(["--volumes"] if with_data else []))

    def name(self, part: str) -> str:
        return f"{PROJECT}_{part}_1"

    def is_healthy(self, part: str) -> bool:
        return run("podman", "healthcheck", "run", self.name(part), check=False).returncode == 0

    def wait_healthy(self, *parts: str) -> None:
        for part in parts:
            wait_until(f"{part} is well", lambda part=part: self.is_healthy(part))  # type: ignore[misc]

    def do(self, part: str, *command: str, check: bool = True) -> str:
        """What a command prints in the container of a part."""
        return run("podman", "exec", self.name(part), *command, check=check).stdout

    def kill(self, part: str) -> None:
        """kill -9 of the container's first process, as the machine's own troubles do it: the engine starts it again."""
        os.kill(int(podman("inspect", self.name(part), "--format", "{{.State.Pid}}")), 9)

    # what it does

    def control(self, method: str, path: str, body: Mapping[str, object] | list[object] | None = None) -> Any:
        """The sandbox's own endpoints, asked beside it."""
        ask = (
            "import sys, urllib.request as u; "
            "r = u.Request('http://127.0.0.1:8900/_sandbox/' + sys.argv[2], method=sys.argv[1], "
            "data=sys.argv[3].encode() or None); print(u.urlopen(r).read().decode())"
        )
        return json.loads(self.do("systems", "python", "-c", ask, method, path, json.dumps(body) if body else ""))

    def query(self, statement: str) -> list[str]:
        return self.do("postgres", "psql", "-U", "qondor_finago", "-Atc", statement).split()

    def orders_by_invoice(self) -> Counter[str]:
        """How many orders of Finago bear the id of each Qondor invoice."""
        clients = self.control("GET", "inspect")["finago"].values()
        return Counter(
            order["ReferenceNumber"] for client in clients for order in client["orders"] if order.get("ReferenceNumber")
        )

    def runs(self, *statuses: str) -> int:
        listed = ", ".join(f"'{status}'" for status in statuses)
        return int(self.query(f"SELECT count(*) FROM public.runs WHERE status IN ({listed})")[0])

    def wait_quiet(self) -> None:
        wait_until("no run is under way", lambda: not self.runs("QUEUED", "NOT_STARTED", "STARTING", "STARTED"))


def _environment_of_the_sandbox() -> dict[str, str]:
    told = podman("run", "--rm", "--network", "none", IMAGE, "sh", "-c",
                  "timeout 20 qondor-finago sandbox --port 8900 --json & pid=$!; sleep 6; kill $pid")  # fmt: skip
    told = json.loads(told.splitlines()[0])
    environ = {name: re.sub("http://127.0.0.1:8900", SYSTEMS, value) for name, value in told["environment"].items()}
    return {**environ, "REQUESTS_CA_BUNDLE": "/tls/ca.crt", "SSL_CERT_FILE": "/tls/ca.crt"}
