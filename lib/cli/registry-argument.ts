import { isRegistryHost } from "../oci/reference";
import { quoted, UsageError } from "./arguments";

const DOCKER_HUB = new Set(["docker.io", "index.docker.io"]);

/**
 * The registry that a person named: `host[:port]` over HTTPS, or a URL with its own scheme. Docker Hub's API has
 * another name than Docker Hub.
 * @throws UsageError
 */
export function parseRegistryArgument(text: string): URL {
  const hint = "name a registry as registry.example.com:5050, or http://localhost:5000 for plain HTTP";
  let url: URL;
  try {
    url = new URL(/^https?:\/\//.test(text) ? text : `https://${text}`);
  } catch {
    throw new UsageError(`${quoted(text)} is no registry: ${hint}`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new UsageError(
      "a registry must not carry credentials: set TALLYMAN_USERNAME and TALLYMAN_PASSWORD instead",
    );
  }
  const isBare = (url.pathname === "/" || url.pathname === "") && url.search === "" && url.hash === "";
  if (!isBare || !isRegistryHost(url.host)) {
    throw new UsageError(`${quoted(text)} is no registry: ${hint}. Repositories go to --repository`);
  }
  if (DOCKER_HUB.has(url.hostname)) url.hostname = "registry-1.docker.io";
  return url;
}
