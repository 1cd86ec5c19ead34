"""A chart in a local folder, and a repository that nobody answers for."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.toolchain import Toolchain

CHART = """
apiVersion: v2
name: sample
version: 1.2.3
appVersion: "7.0"
"""

VALUES = """
replicas: 1
cpu: 100m
greeting: hello
placement: {}
"""

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}}}
    spec:
      {{- with .Values.placement }}{{ toYaml . | nindent 6 }}{{ end }}
      containers:
        - name: main
          image: registry.example/sample:{{ .Chart.AppVersion }}
          resources: {requests: {cpu: {{ .Values.cpu }}}}
"""

CONFIG_MAP = """
{{- if .Values.greeting }}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
data:
  greeting: {{ .Values.greeting | quote }}
  kubernetes: {{ .Capabilities.KubeVersion.Version | quote }}
  policies: {{ .Capabilities.APIVersions.Has "policy/v1/PodDisruptionBudget" | quote }}
  since: 2024-01-01
{{- end }}
"""

WEBHOOK = """
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata:
  name: {{ .Release.Name }}
webhooks: []
"""

API_SERVICE = """
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata:
  name: v1beta1.{{ .Release.Name }}.example.com
spec: {group: {{ .Release.Name }}.example.com, version: v1beta1, groupPriorityMinimum: 1,
  versionPriority: 1}
"""

DEFINITION = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: samples.GROUP
spec:
  group: GROUP
  names: {kind: Sample, plural: samples}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
"""

CUSTOM_RESOURCE = """
apiVersion: GROUP/v1
kind: Sample
metadata:
  name: {{ .Release.Name }}
"""

HOOK = """
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-before
  annotations:
    helm.sh/hook: pre-install
    helm.sh/hook-delete-policy: before-hook-creation
spec:
  template:
    spec:
      {{- with .Values.placement }}{{ toYaml . | nindent 6 }}{{ end }}
      restartPolicy: Never
      containers: [{name: main, image: registry.example/hook:1}]
"""


class Chart:
    """A chart's folder, to which templates are added."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "templates").mkdir(parents=True)
        (folder / "Chart.yaml").write_text(CHART)
        (folder / "values.yaml").write_text(VALUES)

    def template(self, name: str, text: str) -> None:
        (self.folder / "templates" / f"{name}.yaml").write_text(text)

    def definition(self, text: str) -> None:
        (self.folder / "crds").mkdir(exist_ok=True)
        (self.folder / "crds" / "definition.yaml").write_text(text)

    def __str__(self) -> str:
        return str(self.folder)


@pytest.fixture
def chart(tmp_path: Path) -> Chart:
    """One with a ConfigMap."""
    chart = Chart(tmp_path / "sample")
    chart.template("config-map", CONFIG_MAP)
    return chart


@pytest.fixture(autouse=True)
def helm_on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{Toolchain().tool('helm').bin}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def closed_repository() -> Iterator[str]:
    """The URL of a port of loopback on which nobody listens, and nobody else can."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}/charts"
