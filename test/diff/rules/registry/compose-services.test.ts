import type { JsonObject } from "../../../../lib/diff/json";
import { COMPOSE_SERVICES } from "../../../../lib/diff/rules/registry/compose-services";
import { said, uncovered } from "../rule-input";

const SERVICE = {
  image: "registry:2.8.3",
  container_name: "registry-private",
  ports: ["127.0.0.1:5001:5001", "5050:5000"],
  volumes: ["/opt/data/private:/var/lib/registry", "/opt/htpasswd:/auth/htpasswd:ro"],
};
const compose = (service: JsonObject | null, more: JsonObject = {}) => {
  const file = {
    ...more,
    services: { ui: { image: "ui:1.0.0" }, ...(service === null ? {} : { "registry-private": service }) },
  };
  return {
    resources: {
      "r/terraform_data.host": { triggers_replace: { "docker-compose.yml": { "(document)": file } } },
    },
    artifacts: { "registry-host/docker-compose.yml": file },
  };
};

test.each<[string, OutputParts, OutputParts, readonly string[]]>([
  [
    "the data's folder",
    compose(SERVICE),
    compose({ ...SERVICE, volumes: ["/opt/other:/var/lib/registry", SERVICE.volumes[1] ?? ""] }),
    [
      "danger storage_moved: registry-private starts an empty registry unless its data is moved first: /var/lib/registry was /opt/data/private and is mounted from /opt/other.",
    ],
  ],
  [
    "no data",
    compose(SERVICE),
    compose({ ...SERVICE, volumes: [SERVICE.volumes[1] ?? ""] }),
    [
      "danger storage_moved: registry-private starts an empty registry unless its data is moved first: /var/lib/registry was /opt/data/private and is mounted no more.",
    ],
  ],
  [
    "a port",
    compose(SERVICE),
    compose({ ...SERVICE, ports: [...SERVICE.ports, "80:80"] }),
    ["notice port_published: registry-private publishes port 80 to the network."],
  ],
  [
    "no port",
    compose(SERVICE),
    compose({ ...SERVICE, ports: ["5050:5000"] }),
    [
      "notice port_unpublished: registry-private publishes port 5001 no more: clients that use it are refused.",
    ],
  ],
  [
    "beyond loopback",
    compose(SERVICE),
    compose({ ...SERVICE, ports: ["5001:5001", "5050:5000"] }),
    [
      "risk port_exposed: registry-private publishes port 5001 to the network, where it was on loopback alone.",
    ],
  ],
  [
    "the container's name",
    compose(SERVICE),
    compose({ ...SERVICE, container_name: "other" }),
    [
      "risk container_name_changed: The container of registry-private is called other instead of registry-private: scripts and alerts that name it find nothing.",
    ],
  ],
  [
    "the service",
    compose(SERVICE),
    compose(null),
    ["risk service_removed: The service registry-private is taken away: what it served is not found."],
  ],
  [
    "the project",
    compose(SERVICE, { name: "registry" }),
    compose(SERVICE, { name: "reg" }),
    [
      "risk compose_project_changed: The Compose project is called reg instead of registry: its containers and volumes are others, and collide with those that run.",
    ],
  ],
  [
    "a password by environment",
    compose({ ...SERVICE, environment: { REGISTRY_AUTH: "htpasswd" } }),
    compose(SERVICE),
    [
      "danger auth_removed: registry-private asks nobody for a password any more: REGISTRY_AUTH is gone from its environment.",
    ],
  ],
])("%s", (_, before, after, expected) => {
  expect(said(COMPOSE_SERVICES, before, after)).toEqual(expected);
});

test("a moved folder leaves nothing else to say", () => {
  const moved = { ...SERVICE, volumes: ["/opt/other:/var/lib/registry", SERVICE.volumes[1] ?? ""] };
  expect(uncovered(COMPOSE_SERVICES, compose(SERVICE), compose(moved))).toEqual([]);
});

test("nothing of another order, of environment as a list, or of a pipeline's services", () => {
  const turned = { ...SERVICE, ports: [...SERVICE.ports].reverse(), volumes: [...SERVICE.volumes].reverse() };
  expect(said(COMPOSE_SERVICES, compose(SERVICE), compose(turned))).toEqual([]);
  const workflow = (port: string) => ({
    artifacts: { "w.yml": { jobs: {}, services: { a: { image: "a:1.0.0", ports: [port] } } } },
  });
  expect(said(COMPOSE_SERVICES, workflow("1:1"), workflow("2:2"))).toEqual([]);
});

type OutputParts = Parameters<typeof said>[1];
