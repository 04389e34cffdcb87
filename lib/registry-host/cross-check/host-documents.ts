import { ConfigurationError, type Problem } from "../../core/problem";
import { parseYaml } from "../../text/yaml";
import { parseNginx } from "../documents/nginx-syntax";
import type { HostFile } from "../host-file";
import { type ComposeServiceDocument, parseCompose } from "./compose-document";
import { type FrontServer, readFront } from "./front-document";

/** What the files of a host say, whoever wrote them. */
export interface HostDocuments {
  readonly composePath: string;
  readonly services: readonly ComposeServiceDocument[];
  readonly nginxPath: string;
  readonly servers: readonly FrontServer[];
  readonly hasResolver: boolean;
  /** Configurations of registries by path, as plain values. */
  readonly configs: ReadonlyMap<string, unknown>;
  /** All files by path. */
  readonly contents: ReadonlyMap<string, string>;
}

const COMPOSE = /^(?:docker-)?compose\.ya?ml$/;
const NGINX = /^[^/]*nginx[^/]*\.conf$/;
const CONFIG = /^config[^/]*\.ya?ml$/;

/** Files by what they are called; those that cannot be read are problems. */
export function readDocuments(files: readonly HostFile[]): {
  readonly documents: HostDocuments;
  readonly problems: readonly Problem[];
} {
  const problems: Problem[] = [];
  const compose = files.find(({ path }) => COMPOSE.test(path));
  const nginx = files.find(({ path }) => NGINX.test(path));
  const lacking = [...(compose ? [] : ["docker-compose.yml"]), ...(nginx ? [] : ["nginx.conf"])];
  for (const path of lacking) {
    problems.push({ path, rule: "be there", value: undefined, fix: "Add it to the release." });
  }
  const syntax = parseNginx(nginx?.content ?? "");
  if (nginx !== undefined && syntax.error !== null) {
    const { line, text } = syntax.error;
    problems.push({ path: `${nginx.path}:${line}`, rule: "be nginx's syntax", value: text, fix: "Mend it." });
  }
  const configs = files
    .filter(({ path }) => CONFIG.test(path))
    .map(({ path, content }) => [path, caught(problems, null, () => parseYaml(content, path))] as const);
  const services =
    compose === undefined ? [] : caught(problems, [], () => parseCompose(compose.content, compose.path));
  const documents: HostDocuments = {
    composePath: compose?.path ?? "docker-compose.yml",
    services,
    nginxPath: nginx?.path ?? "nginx.conf",
    ...readFront(syntax.statements),
    configs: new Map(configs),
    contents: new Map(files.map(({ path, content }) => [path, content])),
  };
  return { documents, problems };
}

function caught<T>(problems: Problem[], otherwise: T, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    problems.push(...error.problems);
    return otherwise;
  }
}
