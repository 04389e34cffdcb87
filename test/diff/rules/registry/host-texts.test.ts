import { FRONT } from "../../../../lib/diff/rules/registry/front";
import { HOST_AUDIT } from "../../../../lib/diff/rules/registry/host-audit";
import { MAINTENANCE } from "../../../../lib/diff/rules/registry/maintenance";
import { said } from "../rule-input";

const host = (path: string, text: string) => ({
  resources: { "registry/terraform_data.host": { triggers_replace: { [path]: text } } },
  artifacts: { [`registry-host/${path}`]: text },
});

const server = (port: string, inside: string) =>
  `server {\n  listen ${port};\n  location /v2/ {\n    ${inside}\n  }\n}\n`;
const PASS = "auth_basic registry; allow 10.0.0.0/8; deny all; proxy_pass http://registry-a:5000;";
const nginx = (...servers: string[]) => host("nginx.conf", `http {\n${servers.join("")}}\n`);

test.each<[string, OutputParts, OutputParts, readonly string[]]>([
  [
    "a server lost",
    nginx(server("5000", PASS), server("5010", PASS)),
    nginx(server("5000", PASS)),
    [
      "risk front_server_lost: The front has no server on port 5010 any more: clients that ask there are refused.",
    ],
  ],
  [
    "TLS lost",
    nginx(server("5050 ssl", PASS)),
    nginx(server("5050", PASS)),
    [
      "danger tls_lost: The front speaks no TLS on port 5050 any more: passwords and layers travel in the clear.",
    ],
  ],
  [
    "a password lost",
    nginx(server("80", PASS)),
    nginx(server("80", PASS.replace("auth_basic registry;", ""))),
    ["danger auth_removed: The front asks nobody for a password in location /v2/ of port 80 any more."],
  ],
  [
    "opened",
    nginx(server("80", PASS)),
    nginx(server("80", PASS.replace("deny all;", ""))),
    [
      "risk front_opened: The front lets everybody into location /v2/ of port 80, where it let in those alone whom it names.",
    ],
  ],
  [
    "another registry",
    nginx(server("80", PASS)),
    nginx(server("80", PASS.replace("registry-a", "registry-b"))),
    [
      "risk front_backend_changed: The front leads location /v2/ of port 80 to registry-b:5000 instead of registry-a:5000.",
    ],
  ],
  ["a comment", nginx(server("80", PASS)), nginx(`# hello\n${server("80", PASS)}`), []],
])("nginx: %s", (_, before, after, expected) => {
  expect(said(FRONT, before, after)).toEqual(expected);
});

const COLLECT =
  "docker exec registry registry garbage-collect /etc/docker/registry/config.yml\ndocker restart registry\n";
const compose = (image: string) => ({ services: { registry: { image, container_name: "registry" } } });
const crontab = (options: string, image = "registry:2.8.3") => ({
  artifacts: {
    "docker-compose.yml": compose(image),
    crontab: `0 3 * * 0 root docker exec registry registry garbage-collect ${options} /etc/docker/registry/config.yml && docker restart registry\n`,
  },
});

describe("garbage collection", () => {
  test.each<[string, OutputParts]>([
    ["a crontab", crontab("-m")],
    ["a crontab, in long", crontab("--delete-untagged")],
  ])("that deletes untagged manifests of 2.8 is a danger: %s", (_, head) => {
    expect(said(HOST_AUDIT, crontab(""), head)).toEqual([
      expect.stringMatching(/^danger gc_unsafe: .*index answers 200/),
    ]);
    expect(said(HOST_AUDIT, head, crontab(""))).toEqual([expect.stringMatching(/^info gc_unsafe_mended: /)]);
    expect(said(HOST_AUDIT, head, head)).toEqual([]);
  });

  test.each<[string, string]>([
    ["script.sh", `#!/bin/sh\n${COLLECT.replace("garbage-collect", "garbage-collect -m")}`],
    [
      "registry-gc.service",
      `[Service]\nExecStart=/usr/bin/docker exec registry registry garbage-collect -m /etc/docker/registry/config.yml\nExecStartPost=/usr/bin/docker restart registry\n`,
    ],
  ])("in a file of a host, and once: %s", (path, text) => {
    const safe = host(path, text.replace(" -m", ""));
    expect(said(HOST_AUDIT, safe, host(path, text))).toEqual([expect.stringMatching(/^danger gc_unsafe: /)]);
  });

  test("in a CronJob of Kubernetes, and in a workflow", () => {
    const job = (args: string[]) => ({
      resources: {
        "s/kubernetes_cron_job_v1.gc": {
          spec: {
            template: {
              spec: {
                container: [{ name: "gc", command: ["registry", "garbage-collect", ...args, "/c.yml"] }],
              },
            },
          },
        },
      },
    });
    expect(said(HOST_AUDIT, job([]), job(["-m"]))).toContainEqual(
      expect.stringMatching(/^danger gc_unsafe: /),
    );
    const workflow = (option: string) => ({
      artifacts: {
        "w.yml": {
          jobs: {
            gc: { steps: [{ run: `docker exec registry registry garbage-collect ${option} /c.yml` }] },
          },
        },
      },
    });
    expect(said(HOST_AUDIT, workflow(""), workflow("-m"))).toContainEqual(
      expect.stringMatching(/^danger gc_unsafe: /),
    );
  });

  test("of 3.x it is none, and going back from there is", () => {
    expect(said(HOST_AUDIT, crontab("", "registry:3.0.0"), crontab("-m", "registry:3.0.0"))).toEqual([]);
    expect(said(HOST_AUDIT, crontab("-m", "registry:3.0.0"), crontab("-m"))).toEqual([
      expect.stringMatching(/^danger gc_unsafe: /),
    ]);
  });
});

describe("maintenance", () => {
  const script = (keep: string, steps: string) =>
    host(
      "maintenance/maintain.sh",
      `#!/bin/sh\nretain_with() { "$@" '--keep-last=${keep}'; }\n${steps}${COLLECT}`,
    );
  const READ_ONLY = 'step "read-only" go_read_only "$1" || return\n';

  test.each<[string, OutputParts, OutputParts, readonly string[]]>([
    [
      "fewer tags",
      script("10", READ_ONLY),
      script("3", READ_ONLY),
      [
        "risk retention_keeps_fewer: maintain.sh keeps the newest 3 tags of a repository instead of 10: the others are deleted at its next run.",
      ],
    ],
    [
      "more tags",
      script("3", READ_ONLY),
      script("10", READ_ONLY),
      [
        "info retention_keeps_more: maintain.sh keeps the newest 10 tags of a repository instead of 3: the disk needs more room.",
      ],
    ],
    [
      "no read-only step",
      script("10", READ_ONLY),
      script("10", ""),
      [
        'danger read_only_step_lost: maintain.sh collects garbage and has fewer steps that make the registry read-only (step "read-only" go_read_only "$1" || return): a push meanwhile loses layers.',
      ],
    ],
    ["other words", script("10", READ_ONLY), script("10", `${READ_ONLY}echo done\n`), []],
    [
      "times",
      host("a.timer", "[Timer]\nOnCalendar=Sun 03:00\n"),
      host("a.timer", "[Timer]\nOnCalendar=daily\n"),
      ["notice maintenance_time_changed: a.timer runs at other times: Sun 03:00 became daily."],
    ],
  ])("%s", (_, before, after, expected) => {
    expect(said(MAINTENANCE, before, after)).toEqual(expected);
  });
});

type OutputParts = Parameters<typeof said>[1];
