"""Tools are what ``toolchain/`` pins, built once, and never half."""

from __future__ import annotations

import os
import re
import threading
from importlib.metadata import version as installed_version
from pathlib import Path

import pytest

from rehearsal.paths import REPOSITORY
from rehearsal.toolchain import TOOLS, Phase, Toolchain, ToolchainError, ToolEvent, pulumi_cli
from rehearsal.toolchain.cache import default_cache

# Stands for Go: "builds" a script that answers the version, and writes down what it was asked.
FAKE_GO = """\
#!/bin/sh
echo "$@" >> "{log}"
case "$1 $2" in
"env GOVERSION") echo "{go_version}" ;;
"mod download") echo '{{"Dir": "{source}"}}' ;;
"build "*)
    test "$GOWORK" = off || exit 9
    {before_build}
    while [ "$1" != -o ]; do shift; done
    printf '#!/bin/sh\\necho tool version {answer}\\n' > "$2"
    chmod +x "$2"
    ;;
esac
"""


class Bench:
    """A toolchain with a Go of our own and modules of our own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.sources = directory / "sources"
        self.cache = directory / "cache"
        self.log = directory / "go.log"
        self.events: list[ToolEvent] = []
        self.go()
        for name, tool in TOOLS.items():
            (self.sources / name).mkdir(parents=True)
            go_mod = f"module m\n\ngo 1.26.0\n\nrequire (\n\t{tool.module} v1.2.3 // indirect\n)\n"
            (self.sources / name / "go.mod").write_text(go_mod)
            for carried in tool.carries:
                for path in carried.files.values():
                    (directory / "source" / path).parent.mkdir(parents=True, exist_ok=True)
                    (directory / "source" / path).write_text(f"from {path}")

    def go(
        self, *, go_version: str = "go1.26.1", answer: str = "1.2.3", before_build: str = ":"
    ) -> None:
        self.executable(
            "bin/go",
            FAKE_GO.format(
                log=self.log,
                source=self.directory / "source",
                go_version=go_version,
                answer=answer,
                before_build=before_build,
            ),
        )

    def executable(self, path: str, text: str) -> Path:
        file = self.directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o755)
        return file

    def toolchain(self, path: str | None = None) -> Toolchain:
        path = f"{self.directory / 'bin'}:{os.defpath}" if path is None else path
        return Toolchain(self.sources, self.cache, {"PATH": path}, self.events.append)

    def asked(self, command: str) -> list[str]:
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [line for line in lines if line.startswith(command)]

    def phases(self) -> list[Phase]:
        return [event.phase for event in self.events]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


class TestPins:
    """What ``toolchain/*/go.mod`` says, and what relies on it."""

    def test_every_folder_is_a_tool_and_every_tool_has_a_folder(self) -> None:
        assert {path.name for path in REPOSITORY.toolchain.iterdir() if path.is_dir()} == set(TOOLS)

    @pytest.mark.parametrize("name", sorted(TOOLS))
    def test_go_mod_names_the_packages_that_are_built(self, name: str) -> None:
        text = (REPOSITORY.toolchain / name / "go.mod").read_text()
        block = re.search(r"^tool \(\n(.*?)^\)", text, re.MULTILINE | re.DOTALL)
        tools = block[1].split() if block else re.findall(r"^tool (\S+)$", text, re.MULTILINE)
        assert sorted(tools) == sorted(TOOLS[name].binaries.values())

    @pytest.mark.parametrize("name", sorted(TOOLS))
    def test_the_version_is_exact_and_its_sum_is_kept(self, name: str) -> None:
        version = TOOLS[name].pinned_version(REPOSITORY.toolchain)
        assert re.fullmatch(r"v\d+\.\d+\.\d+", version)
        go_sum = (REPOSITORY.toolchain / name / "go.sum").read_text()
        assert f"{TOOLS[name].module} {version} h1:" in go_sum

    def test_the_engine_is_of_the_version_of_the_installed_sdk(self) -> None:
        version = TOOLS["pulumi"].pinned_version(REPOSITORY.toolchain)
        assert version == f"v{installed_version('pulumi')}"
        go_mod = (REPOSITORY.toolchain / "pulumi" / "go.mod").read_text()
        assert f"github.com/pulumi/pulumi/sdk/v3 {version}" in go_mod

    def test_kubernetes_own_libraries_are_of_its_version(self) -> None:
        version = TOOLS["kubernetes"].pinned_version(REPOSITORY.toolchain)
        go_mod = (REPOSITORY.toolchain / "kubernetes" / "go.mod").read_text()
        staged = re.findall(r"(k8s\.io/\S+) => (k8s\.io/\S+) (v\S+)", go_mod)
        assert len(staged) > 20
        assert all(name == target for name, target, _ in staged)
        assert {pin for _, _, pin in staged} == {version.replace("v1.", "v0.", 1)}

    def test_a_module_that_is_not_required_has_no_version(self, bench: Bench) -> None:
        (bench.sources / "etcd" / "go.mod").write_text("module m\n\ngo 1.26\n")
        with pytest.raises(ToolchainError, match=r"etcd/go\.mod: does not require go\.etcd\.io"):
            bench.toolchain().expected("etcd")


class TestBuilding:
    def test_a_tool_is_built_from_what_is_pinned_and_nothing_else(self, bench: Bench) -> None:
        tool = bench.toolchain().tool("kubernetes")
        assert tool.directory == bench.cache / "kubernetes-v1.2.3"
        assert sorted(path.name for path in tool.bin.iterdir()) == [
            "kube-apiserver",
            "kube-controller-manager",
            "kube-scheduler",
        ]
        builds = bench.asked("build")
        assert len(builds) == 3
        assert all("build -mod=readonly " in build for build in builds)
        flags = "-X k8s.io/component-base/version.gitVersion=v1.2.3 "
        assert all(flags in build for build in builds)
        assert all("version.gitMajor=1 " in build for build in builds)
        assert all("version.gitMinor=2 " in build for build in builds)

    def test_a_tool_is_built_once(self, bench: Bench) -> None:
        for _ in range(3):
            bench.toolchain().tool("etcd")
        assert len(bench.asked("build")) == 1
        assert bench.phases() == [Phase.BUILDING, Phase.BUILT, Phase.FOUND, Phase.FOUND]

    def test_only_the_tool_that_is_needed_is_built(self, bench: Bench) -> None:
        bench.toolchain().tool("etcd")
        assert [path.name for path in bench.cache.iterdir() if path.is_dir()] == ["etcd-v1.2.3"]

    def test_a_built_tool_needs_no_go(self, bench: Bench) -> None:
        bench.toolchain().tool("kwok")
        assert bench.toolchain(path="/nowhere").tool("kwok").binary("kwok").is_file()

    def test_files_that_a_tool_needs_come_from_its_module(self, bench: Bench) -> None:
        stages = bench.toolchain().tool("kwok").directory / "stages"
        node = stages / "node" / "fast" / "node-initialize.yaml"
        assert node.read_text() == "from kustomize/stage/node/fast/node-initialize.yaml"
        assert (stages / "node" / "heartbeat-with-lease").is_dir()
        assert (stages / "pod" / "fast" / "pod-ready.yaml").is_file()

    def test_files_that_were_lost_come_back_without_a_build(self, bench: Bench) -> None:
        tool = bench.toolchain().tool("kwok")
        lost = tool.directory / "stages" / "pod" / "fast" / "pod-ready.yaml"
        lost.unlink()
        bench.toolchain().tool("kwok")
        assert lost.is_file()
        assert len(bench.asked("build")) == 1

    @pytest.mark.parametrize("text", ["", "#!/bin/sh\necho version 1.2.2\n", "#!/bin/sh\nexit 1\n"])
    def test_an_executable_that_does_not_answer_its_version_is_built_again(
        self, bench: Bench, text: str
    ) -> None:
        bench.executable("cache/etcd-v1.2.3/bin/etcd", text)
        assert "1.2.3" in bench.toolchain().tool("etcd").binary("etcd").read_text()

    def test_a_build_that_answers_another_version_is_refused_and_not_kept(
        self, bench: Bench
    ) -> None:
        bench.go(answer="0.0.0")
        with pytest.raises(ToolchainError, match=r"calls itself v0\.0\.0 instead of v1\.2\.3"):
            bench.toolchain().tool("etcd")
        assert not list(bench.cache.rglob("etcd"))

    def test_a_failed_build_says_what_go_said_and_leaves_nothing(self, bench: Bench) -> None:
        bench.go(before_build="echo 'no space left on device' >&2; exit 1")
        with pytest.raises(ToolchainError) as caught:
            bench.toolchain().tool("etcd")
        assert "no space left on device" in str(caught.value)
        assert f"cd {bench.sources / 'etcd'} && go build -mod=readonly" in str(caught.value)
        assert [path.name for path in bench.cache.iterdir()] == [".etcd-v1.2.3.lock"]

    def test_two_rehearsals_side_by_side_build_once(self, bench: Bench, tmp_path: Path) -> None:
        go_on = tmp_path / "go-on"
        bench.go(before_build=f"while [ ! -e '{go_on}' ]; do sleep 0.02; done")
        waits = threading.Event()

        def watch(event: ToolEvent) -> None:
            bench.events.append(event)
            if event.phase is Phase.WAITING:
                waits.set()

        environment = {"PATH": f"{bench.directory / 'bin'}:{os.defpath}"}
        toolchain = Toolchain(bench.sources, bench.cache, environment, watch)
        threads = [threading.Thread(target=toolchain.tool, args=("etcd",)) for _ in range(2)]
        for thread in threads:
            thread.start()
        assert waits.wait(timeout=30)
        go_on.touch()
        for thread in threads:
            thread.join()
        assert len(bench.asked("build")) == 1
        assert sorted(phase.value for phase in bench.phases()) == [
            "building",
            "built",
            "found",
            "waiting",
        ]


class TestGo:
    def test_a_missing_go_is_said_with_what_needs_it_and_where_to_get_it(
        self, bench: Bench, tmp_path: Path
    ) -> None:
        with pytest.raises(ToolchainError) as caught:
            bench.toolchain(path=str(tmp_path / "empty")).tool("etcd")
        assert "Go is not on PATH" in str(caught.value)
        assert "needs Go 1.26.0 or newer" in str(caught.value)
        assert "https://go.dev/dl/" in str(caught.value)

    @pytest.mark.parametrize("version", ["go1.25.9", "go1.9", "go1.21", ""])
    def test_an_older_go_is_said_with_its_version(self, bench: Bench, version: str) -> None:
        bench.go(go_version=version)
        with pytest.raises(ToolchainError) as caught:
            bench.toolchain().tool("etcd")
        assert "Go is too old: building etcd needs Go 1.26.0 or newer" in str(caught.value)
        assert version in str(caught.value)
        assert not bench.asked("build")

    def test_a_go_that_may_not_fetch_a_newer_one_is_too_old(self, bench: Bench) -> None:
        refusal = "go: go.mod requires go >= 1.26.0 (running go 1.24.1; GOTOOLCHAIN=local)"
        bench.executable("bin/go", f"#!/bin/sh\necho '{refusal}' >&2\nexit 1\n")
        with pytest.raises(ToolchainError, match=r"running go 1\.24\.1; GOTOOLCHAIN=local"):
            bench.toolchain().tool("etcd")

    @pytest.mark.parametrize("version", ["go1.26.0", "go1.26.8", "go1.27", "go2.0"])
    def test_a_go_that_is_new_enough_will_do(self, bench: Bench, version: str) -> None:
        bench.go(go_version=version)
        assert bench.toolchain().tool("etcd").version == "v1.2.3"


class TestPulumi:
    def official(self, bench: Bench, version: str = "v1.2.3", *, complete: bool = True) -> Path:
        directory = "official/libexec"
        names = ["pulumi-language-python", "pulumi-language-python-exec"] if complete else []
        for name in names:
            bench.executable(f"{directory}/{name}", "")
        executable = bench.executable(f"{directory}/pulumi", f"#!/bin/sh\necho '{version}'\n")
        # As package managers install it.
        link = bench.directory / "bin" / "pulumi"
        link.symlink_to(executable)
        return executable

    def test_the_official_distribution_is_used_where_it_is_installed(self, bench: Bench) -> None:
        executable = self.official(bench)
        cli = pulumi_cli(bench.toolchain())
        assert (cli.origin, cli.executable, cli.version) == ("official", executable, "v1.2.3")
        assert cli.python_exec is None
        assert not bench.asked("build")

    @pytest.mark.parametrize("version", ["v1.2.4", "1.10.0", "v1.3.0-dev.0"])
    def test_a_newer_one_will_do(self, bench: Bench, version: str) -> None:
        self.official(bench, version)
        assert pulumi_cli(bench.toolchain()).origin == "official"

    @pytest.mark.parametrize("version", ["v1.2.2", "v2.0.0", "", "dev"])
    def test_one_that_the_sdk_would_refuse_is_passed_by(self, bench: Bench, version: str) -> None:
        self.official(bench, version)
        assert pulumi_cli(bench.toolchain()).origin == "built"

    def test_one_without_its_language_host_is_passed_by(self, bench: Bench) -> None:
        self.official(bench, complete=False)
        assert pulumi_cli(bench.toolchain()).origin == "built"

    def test_one_that_is_built_comes_with_the_start_script_of_programs(self, bench: Bench) -> None:
        cli = pulumi_cli(bench.toolchain())
        assert cli.origin == "built"
        assert cli.executable == bench.cache / "pulumi-v1.2.3" / "bin" / "pulumi"
        assert cli.python_exec is not None
        assert cli.python_exec.read_text() == "from python/cmd/pulumi-language-python-exec"


def test_the_cache_is_where_caches_are() -> None:
    assert default_cache({"XDG_CACHE_HOME": "/c", "HOME": "/h"}) == Path(
        "/c/openedx-large/toolchain"
    )
    assert default_cache({"HOME": "/h"}) == Path("/h/.cache/openedx-large/toolchain")
    assert default_cache({"XDG_CACHE_HOME": "", "HOME": "/h"}).is_relative_to("/h/.cache")
