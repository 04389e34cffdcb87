import type { YamlNode } from "../../text/yaml-tree";
import type { HclString } from "../documents/hcl-strings";
import type { NginxStatement } from "../documents/nginx-syntax";
import type { ShellCommand } from "../documents/shell-commands";

/** A file of the audited folder, whole. */
export interface AuditFile {
  /** Relative, with / between its parts. */
  readonly path: string;
  readonly text: string;
}

/** Where a document stands, be it a file or a part of one. */
export interface Origin {
  readonly file: string;
  /** To be added to the document's own lines. */
  readonly lineOffset: number;
  /** What the document is called where it is used: the path it is written to, or the file's own. */
  readonly name: string;
  /** Inside a CronJob of Kubernetes. */
  readonly isCronJob: boolean;
}

/** Commands that run one after another, or the lines of a crontab; their lines are the file's. */
export interface Script {
  readonly origin: Origin;
  readonly isCron: boolean;
  readonly commands: readonly ShellCommand[];
}

export interface YamlDocument {
  readonly origin: Origin;
  readonly tree: YamlNode;
}

export interface NginxDocument {
  readonly origin: Origin;
  readonly statements: readonly NginxStatement[];
}

export interface HclDocument {
  readonly origin: Origin;
  readonly strings: readonly HclString[];
}

/** A text whose syntax is broken. */
export interface Unparsed {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** All that a repository holds for the rules; embedded documents stand beside those around them. */
export interface Material {
  readonly paths: ReadonlySet<string>;
  readonly scripts: Script[];
  readonly yaml: YamlDocument[];
  readonly nginx: NginxDocument[];
  readonly hcl: HclDocument[];
  readonly unparsed: Unparsed[];
}

/** A document inside another. */
export interface Embedded {
  /** The path to which it is written; null where nothing says. */
  readonly name: string | null;
  readonly text: string;
  /** Of its first line, in the document around it. */
  readonly line: number;
  /** To be read as a script unless its content says otherwise. */
  readonly isScript: boolean;
  readonly isCronJob: boolean;
}
