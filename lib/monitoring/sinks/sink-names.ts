import { objectLabels } from "../../terraform/labels";

/** Whose rules they are: what a sink's objects are called and labelled unless the sink says otherwise. */
export interface SinkNames {
  /** The probe's. */
  readonly name: string;
  /** The probe's; may be a token. */
  readonly namespace: string;
  /**
   * On the sink's object beside its own.
   * @default none
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * On the sink's object.
   * @default none
   */
  readonly annotations?: Readonly<Record<string, string>>;
  /**
   * Where the values files are written, below the output's artifacts; "." is that folder itself.
   * @default monitoring
   */
  readonly artifactFolder?: string;
}

interface OwnMetadata {
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Metadata without the namespace, unescaped. */
export function sinkMetadata(names: SinkNames, own: OwnMetadata, defaultName = names.name) {
  const { annotations = {} } = names;
  return {
    name: own.name ?? defaultName,
    labels: objectLabels(
      { name: "registry-integrity-probe", instance: names.name, component: "alerts" },
      { ...names.labels, ...own.labels },
    ),
    // The API leaves out an empty map, and the provider would then plan it for ever.
    ...(Object.keys(annotations).length === 0 ? {} : { annotations: { ...annotations } }),
  };
}
