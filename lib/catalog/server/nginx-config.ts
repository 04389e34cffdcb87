/** https://nginx.org/en/docs/http/ngx_http_core_module.html */

/** Paths in the pod and the port: those of a container that runs as nobody, on a file system that it cannot write. */
export interface SiteServerPaths {
  /** Each as in `listen`. */
  readonly listen: readonly string[];
  /** With the page and the files beside it. */
  readonly root: string;
  /** The one folder that can be written. */
  readonly temporary: string;
}

export const SITE_PORT = 8080;

export const SITE_SERVER_PATHS: SiteServerPaths = {
  listen: [String(SITE_PORT), `[::]:${SITE_PORT}`],
  root: "/srv/catalog",
  temporary: "/var/cache/nginx",
};

/** Folders of the repository, and the kind of view that each of their files has. */
const DOCUMENTS = [
  ["docs/runbooks", "runbook"],
  ["docs/post-mortems", "post-mortem"],
] as const;

const TEMPORARY = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];

/** The whole nginx.conf of a site that is read and nothing else. */
export function renderSiteNginxConfig({ listen, root, temporary }: SiteServerPaths): string {
  return `worker_processes 1;
pid ${temporary}/nginx.pid;
error_log stderr warn;

events {
  worker_connections 256;
}

http {
${TEMPORARY.map((name) => `  ${name}_temp_path ${temporary}/${name};\n`).join("")}
  types {
    text/html html;
    application/json json;
    text/markdown md;
  }
  default_type text/plain;
  charset utf-8;
  charset_types application/json text/markdown;

  access_log off;
  server_tokens off;
  # The pod knows neither the name nor the port that it is reached by.
  absolute_redirect off;
  client_max_body_size 1k;
  gzip on;
  gzip_types application/json text/markdown;

  add_header Cache-Control no-cache always;
  add_header Referrer-Policy no-referrer always;
  add_header X-Content-Type-Options nosniff always;
  add_header X-Frame-Options DENY always;

  server {
${listen.map((address) => `    listen ${address};\n`).join("")}    root ${root};
    index index.html;

    location = /healthz {
      return 200 "ok\\n";
    }
    # A mounted ConfigMap keeps its files under names that begin so.
    location ~ /\\. {
      return 404;
    }
    # An alert's runbook_url, which takes no fragment, leads to the view; no other characters get into a header.
${DOCUMENTS.map(([folder, view]) => `    location ~ "^/(${folder}/[A-Za-z0-9][A-Za-z0-9._-]*\\.md)$" {\n      return 302 "/#/${view}/$1";\n    }\n`).join("")}    location / {
      limit_except GET {
        deny all;
      }
      try_files $uri $uri/ =404;
    }
  }
}
`;
}
