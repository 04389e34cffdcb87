import type { AuditFile } from "../../../lib/registry-host/audit/material";

/** A line that ends in `#!rule,rule` is one on which these rules must speak; the marks are taken away. */
export interface MarkedRepository {
  readonly files: readonly AuditFile[];
  /** `file:line rule`, sorted. */
  readonly expected: readonly string[];
}

export function marked(texts: Readonly<Record<string, string>>): MarkedRepository {
  const expected: string[] = [];
  const files = Object.entries(texts).map(([path, text]) => {
    const lines = text.split("\n").map((line, index) => {
      const match = /\s*#!((?:[a-z-]+,?)+)$/.exec(line);
      for (const rule of match?.[1]?.split(",") ?? []) expected.push(`${path}:${index + 1} ${rule}`);
      return match === null ? line : line.slice(0, match.index);
    });
    return { path, text: lines.join("\n") };
  });
  return { files, expected: expected.sort() };
}

const UPSTREAMS = { dockerhub: 5000, ghcr: 5010, quay: 5020, k8s: 5030, kyverno: 5040, private: 5050 };

function composeFile(): string {
  const registries = Object.keys(UPSTREAMS).map(
    (name) => `  registry-${name}:
    image: registry:2.8.3
    container_name: registry-${name}
    restart: always
    networks: [registry]
${name === "dockerhub" ? '    ports:\n      - "5001:5001" #!debug-exposed\n' : ""}    volumes:
      - /opt/registry/config-${name}.yml:/etc/docker/registry/config.yml:ro
      - /opt/registry/data/${name}:/var/lib/registry
    healthcheck:
      test: ["CMD-SHELL", "wget -q --spider http://localhost:5000/v2/ || exit 1"]
      interval: 30s`,
  );
  return `services:
${registries.join("\n")}
  registry-nginx:
    image: nginx:alpine #!floating-tag
    container_name: registry-nginx
    ports:
      - "5000:5000"
      - "5010:5010"
      - "5020:5020" #!port-without-server
      - "5030:5030" #!port-without-server
      - "5040:5040" #!port-without-server
      - "5050:5050"
    volumes:
      - /opt/registry/nginx.conf:/etc/nginx/nginx.conf:ro #!mount-not-delivered
      - /opt/registry/tls:/etc/nginx/tls:ro
    networks: [registry]
  registry-ui:
    image: joxit/docker-registry-ui:latest #!floating-tag
    ports: ["8080:80"]
    environment:
      - SINGLE_REGISTRY=true
      - DELETE_IMAGES=true #!delete-exposed
      - NGINX_PROXY_PASS_URL=http://registry-dockerhub:5000
networks:
  registry:
    driver: bridge
`;
}

const NGINX = `events { worker_connections 1024; }
http {
  # proxy_pass http://registry-ghcr:5000; was here
  upstream dockerhub { server registry-dockerhub:5000; } #!upstream-resolved-once
  server {
    listen 5000;
    location / { proxy_pass http://dockerhub; }
  }
  server {
    listen 5010;
    location /v2/ {
      proxy_pass http://registry-ghcr:5000; #!upstream-resolved-once
    }
  }
  server {
    listen 5050 ssl;
    server_name registry.viktorbarzin.me;
    client_max_body_size 0;
    location / {
      proxy_pass http://registry-private:5000; #!upstream-resolved-once
    }
  }
}
`;

const CACHE = `version: 0.1
http:
  addr: :5000
  debug:
    addr: :5001
    prometheus: { enabled: true }
storage:
  cache: { blobdescriptor: inmemory }
  delete: { enabled: true }
  filesystem:
    rootdirectory: /var/lib/registry
    maxsize: 50Gi #!distribution-key-unknown
proxy:
  remoteurl: https://registry-1.docker.io
  ttl: 0 #!distribution-key-unknown
`;

const TERRAFORM = `variable "host" {
  description = "Never run registry garbage-collect -m here"
}

resource "proxmox_vm" "registry" {
  name      = "registry"
  user_data = <<-EOT
    #cloud-config
    write_files:
      - path: /opt/registry/docker-compose.yml
        content: |
          \${indent(6, file("\${path.module}/docker-compose.yml"))}
      - path: /opt/registry/nginx_registry.conf
        content: |
          \${indent(6, file("\${path.module}/nginx_registry.conf"))}
%{ for name in var.registries }
      - path: /opt/registry/config-\${name}.yml
        content: \${file(name)}
%{ endfor }
      - path: /etc/cron.d/registry
        content: |
          # m h dom mon dow user command
          PATH=/usr/bin:/bin
          0 2 * * * root /opt/registry/clean-tags.sh
          0 3 * * 0 root docker exec registry-dockerhub registry garbage-collect -m /etc/docker/registry/config.yml #!gc-deletes-untagged,gc-without-restart
          25 3 * * 0 root docker exec registry-private /bin/registry garbage-collect --delete-untagged /etc/docker/registry/config.yml #!gc-deletes-untagged,gc-without-restart
    runcmd:
      - systemctl enable --now docker-compose-registry.service
      - (crontab -l; echo "5 3 * * 0 docker exec registry-ghcr registry garbage-collect /c.yml -m") | crontab - #!gc-deletes-untagged,gc-without-restart
  EOT
}

resource "kubernetes_cron_job_v1" "probe" {
  spec {
    job_template {
      spec {
        container {
          image   = "alpine:3.20"
          command = ["/bin/sh", "-c", <<-EOT
            set -e
            apk add --no-cache curl jq #!package-install-at-run-time
            curl -sk -u "$U:$P" "https://10.0.20.10:5050/v2/_catalog" > /tmp/catalog #!tls-not-verified
            curl -fsSI \\ #!probe-by-head
              "https://$REGISTRY_HOST/v2/$repo/manifests/$tag"
          EOT
          ]
        }
      }
    }
  }
}
`;

const CLEAN_TAGS = `#!/usr/bin/env bash
# rm -rf /opt/registry/data/x/_manifests/tags/y was tried
for dir in /opt/registry/data/private/docker/registry/v2/repositories/*/_manifests/tags; do
  ls -t "$dir" | tail -n +11 | while read -r tag; do
    rm -rf "$dir/$tag" #!tag-directories-removed
  done
done
rm -rf /opt/registry/data/private/docker/registry/v2/repositories/old/_manifests/revisions #!tag-directories-removed
`;

const CRON_JOB = `apiVersion: batch/v1
kind: CronJob
metadata: { name: verify }
spec:
  jobTemplate:
    spec:
      template:
        spec:
          containers:
            - name: verify
              image: python:3.12
              command: ["sh", "-c"]
              args:
                - |
                  pip install requests #!package-install-at-run-time
                  python - <<'EOF'
                  import requests
                  r = requests.head(f"{base}/v2/{repo}/blobs/{digest}", verify=False) #!probe-by-head,tls-not-verified
                  EOF
`;

/** The reference estate before it was mended, as its repository would look. */
export const ESTATE = marked({
  "README.md": "Run `registry garbage-collect -m` never again.\n",
  "modules/registry/docker-compose.yml": composeFile(),
  "modules/registry/nginx_registry.conf": NGINX,
  ...Object.fromEntries([["modules/registry/config-dockerhub.yml", CACHE]]),
  "modules/registry/main.tf": TERRAFORM,
  "modules/registry/clean-tags.sh": CLEAN_TAGS,
  "monitoring/verify.yaml": CRON_JOB,
  ".github/workflows/clean.yml": `on: { schedule: [{ cron: "0 4 * * *" }] }
jobs:
  clean:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/delete-package-versions@v5 #!cleaner-of-untagged
        with:
          package-name: app
          package-type: container
          min-versions-to-keep: 10
          delete-only-untagged-versions: "true"
`,
});
