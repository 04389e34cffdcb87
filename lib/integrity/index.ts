/** The verdict engine as a library: walks registries, proves images whole, and says what it saw as data. */
export { Digest } from "../oci/digest";
export type { BlobMode } from "../registry-client/answers";
export {
  type Credentials,
  credentialsFromDirectory,
  type DockerConfigReading,
  type IdentityTokenCredentials,
  type PasswordCredentials,
  parseDockerConfig,
} from "../registry-client/credentials";
export { type Acceptance, AcceptFileError, parseAcceptFile } from "./accept";
export { type Assessment, exitCode } from "./assess";
export type { BlobRotation, BlobWish } from "./blob-wish";
export type { WalkBounds } from "./bounds";
export { type ByteSlice, type ByteSliceSpec, parseByteSlice, settleByteSlice } from "./byte-slice";
export {
  FINDING_SEVERITY,
  type FindingKind,
  METRIC_PREFIX,
  METRICS,
  type MetricKey,
  metricName,
  REASONS,
  type Reason,
  type Severity,
} from "./contract";
export type { Expectations } from "./expectations";
export { formatSamples, type RunFacts, runSamples, type Sample } from "./exposition";
export { type Remembering, rememberInFile, rememberInProcess } from "./memory/remembering";
export {
  type ProbeRegistryOptions,
  type ProbeSurroundings,
  probeRegistry,
  type VerifyImagesOptions,
  verifyImages,
} from "./probe-registry";
export { programFile } from "./program-file";
export {
  type BlobProofReport,
  type Checked,
  type Finding,
  REPORT_SCHEMA,
  type Report,
  type Undetermined,
} from "./report";
export type { Shard } from "./shard";
export type { WalkProgress } from "./walk";
