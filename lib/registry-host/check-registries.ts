import { checkLabelName, checkSubdomainName } from "../core/kube-names";
import type { Problem } from "../core/problem";
import { checkHostPath, checkPort } from "./check-values";
import type { RegistryMajor } from "./distribution/registry-version";
import type { CacheRegistry, HostRegistry, PrivateRegistry } from "./host-registry";
import { FRONT_SERVICE, serviceOf, UI_SERVICE } from "./host-spec";

/**
 * What is wrong with each registry by itself.
 *
 * @param major null where the image does not tell, which is a problem of its own
 */
export function checkRegistries(
  registries: Readonly<Record<string, HostRegistry>>,
  major: RegistryMajor | null,
): readonly Problem[] {
  const entries = Object.entries(registries);
  if (entries.length === 0) {
    const fix = 'Add one, such as ghcr: cacheOf("https://ghcr.io", { port: 5010 }).';
    return [{ path: "registries", rule: "name at least one registry", value: registries, fix }];
  }
  return entries.flatMap(([name, registry]) => {
    const path = `registries.${name}`;
    return [
      ...checkName(name, path),
      ...checkPort(registry.port, `${path}.port`),
      ...checkPurge(registry, `${path}.purgeUploadsAfter`),
      ...(registry.kind === "private" ? checkPrivate(registry, path) : checkCache(registry, path, major)),
    ];
  });
}

function checkName(name: string, path: string): readonly Problem[] {
  const service = serviceOf(name);
  if (service === FRONT_SERVICE || service === UI_SERVICE) {
    return [
      { path, rule: `not be called ${name}: ${service} is taken`, value: name, fix: "Give it another name." },
    ];
  }
  // The service's name is one label of the host name that nginx asks for.
  const tooLong =
    name.length <= 54 ? [] : [{ path, rule: "have at most 54 characters", value: name, fix: "Shorten it." }];
  return tooLong.length > 0 ? tooLong : checkLabelName(name, path);
}

function checkPurge({ purgeUploadsAfter }: HostRegistry, path: string): readonly Problem[] {
  if (purgeUploadsAfter.toMilliseconds() >= 3_600_000) return [];
  const fix = "Write Duration.hours(24): what is younger may be an upload under way.";
  return [{ path, rule: "be an hour or more", value: purgeUploadsAfter, fix }];
}

function checkPrivate(registry: PrivateRegistry, path: string): readonly Problem[] {
  const { hostname, tls, htpasswdFile } = registry;
  return [
    ...checkSubdomainName(hostname, `${path}.hostname`),
    ...checkHostPath(tls.certificateFile, `${path}.tls.certificateFile`),
    ...checkHostPath(tls.keyFile, `${path}.tls.keyFile`),
    ...checkHostPath(htpasswdFile, `${path}.htpasswdFile`),
  ];
}

function checkCache(registry: CacheRegistry, path: string, major: RegistryMajor | null): readonly Problem[] {
  const { upstream, credentialsFile, ttl } = registry;
  const unknownTtl: readonly Problem[] =
    ttl !== null && major === 2
      ? [
          {
            path: `${path}.ttl`,
            rule: "be left out: registry 2.8 ignores it and keeps what was pulled for 7 days",
            value: ttl,
            fix: "Leave it out, or pin a registry of 3.x.",
          },
        ]
      : [];
  return [
    ...checkUpstream(upstream, `${path}.upstream`),
    ...(credentialsFile === null ? [] : checkHostPath(credentialsFile, `${path}.credentials`)),
    ...unknownTtl,
  ];
}

function checkUpstream(upstream: string, path: string): readonly Problem[] {
  const url = URL.canParse(upstream) ? new URL(upstream) : null;
  if (url !== null && url.username === "" && url.protocol === "https:" && url.origin === upstream) return [];
  // A password given in it must not reach a message.
  const value = upstream.replace(/^.*@/, "…@").replace(/[?#].*$/, "…");
  const rule = "be https and a host alone, without credentials, path or slash at the end";
  return [{ path, rule, value, fix: "Write it as https://ghcr.io; credentials are an option of their own." }];
}
