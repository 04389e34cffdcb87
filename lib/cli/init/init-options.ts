import { checkLabelName } from "../../core/kube-names";
import { isRegistryHost } from "../../oci/reference";
import { OptionReader, quoted, type RawArguments, UsageError } from "../arguments";

export interface InitOptions {
  /** Made where it is not there. */
  readonly folder: string;
  readonly registry: string;
  /** Without a slash at its end. */
  readonly pushgateway: string;
  readonly namespace: string;
  /** Without a slash at its end. */
  readonly repositoryUrl: string;
  readonly ci: "github" | "woodpecker" | "none";
  /** Null for that of the running command. */
  readonly library: string | null;
}

/** @throws UsageError */
export function readInitOptions({ values, positionals }: RawArguments): InitOptions {
  const [folder = ".", extra] = positionals;
  if (extra !== undefined) throw new UsageError(`init takes one folder, got also ${quoted(extra)}`);
  const reader = new OptionReader(values);
  const registry = reader.text("registry") ?? "registry.example.com";
  if (!isRegistryHost(registry)) {
    throw new UsageError(
      `--registry must be host or host:port as registry.example.com:5050, got ${quoted(registry)}`,
    );
  }
  const namespace = reader.text("namespace") ?? "monitoring";
  if (checkLabelName(namespace, "namespace").length > 0) {
    throw new UsageError(`--namespace must be a name as monitoring, got ${quoted(namespace)}`);
  }
  const library = reader.text("library");
  if (library !== null && !/^(?:file:)?[A-Za-z0-9^~@./_+-]+$/.test(library)) {
    throw new UsageError(`--library must be a version as 0.1.0, or file:<path>, got ${quoted(library)}`);
  }
  return {
    folder,
    registry,
    pushgateway: withoutSlash(reader.url("pushgateway"), "http://pushgateway.monitoring:9091"),
    namespace,
    repositoryUrl: withoutSlash(reader.url("repository"), "https://git.example.com/infra/blob/main"),
    ci: reader.choice("ci", ["github", "woodpecker", "none"], "github"),
    library,
  };
}

function withoutSlash(url: URL | null, standard: string): string {
  return url === null ? standard : url.href.replace(/\/+$/, "");
}
