import { ConfigurationError } from "../core/problem";
import { checkDocuments } from "./cross-check/check-documents";
import type { HostFile } from "./host-file";
import { hostFiles } from "./host-files";
import type { RegistryHostSpec } from "./host-spec";
import { maintenanceFiles } from "./maintenance/maintenance-files";

/**
 * Every file of a release, read back and held against the spec: a fault of a renderer never reaches a host.
 *
 * @param transform what becomes of the files before they are read
 * @throws ConfigurationError with all in which they disagree
 */
export function checkedFiles(
  spec: RegistryHostSpec,
  transform = (files: readonly HostFile[]): readonly HostFile[] => files,
): readonly HostFile[] {
  const files = transform([...hostFiles(spec), ...maintenanceFiles(spec)]);
  ConfigurationError.throwIfAny(checkDocuments(spec, files));
  return files;
}
