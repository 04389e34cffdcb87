import { renderCompose } from "./compose/render-compose";
import { renderDistributionConfig } from "./distribution/render-distribution-config";
import type { HostFile } from "./host-file";
import { COMPOSE_FILE, configFile, NGINX_FILE, readOnlyConfigFile } from "./host-paths";
import type { RegistryHostSpec } from "./host-spec";
import { renderNginxConfig } from "./nginx/render-nginx-config";
import { renderLogrotate, renderUnit } from "./render-unit";

/** Every file of a release but those of its maintenance, ordered by name. */
export function hostFiles(spec: RegistryHostSpec): readonly HostFile[] {
  const configs = Object.entries(spec.registries).flatMap(([name, { kind }]) => [
    text(configFile(name), renderDistributionConfig(spec, name)),
    ...(kind === "private"
      ? [text(readOnlyConfigFile(name), renderDistributionConfig(spec, name, "read-only"))]
      : []),
  ]);
  const mounted = [...configs, text(NGINX_FILE, renderNginxConfig(spec))];
  const files = [
    ...mounted,
    text(COMPOSE_FILE, renderCompose(spec, mounted)),
    text(`systemd/${spec.unit}`, renderUnit(spec)),
    text("logrotate/registry", renderLogrotate(spec)),
  ];
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

function text(path: string, content: string): HostFile {
  return { path, content, isExecutable: false };
}
