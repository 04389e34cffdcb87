import type { Problem } from "../../core/problem";
import type { HostFile } from "../host-file";
import type { RegistryHostSpec } from "../host-spec";
import { checkFrontDocument } from "./check-front";
import { checkServices } from "./check-services";
import { readDocuments } from "./host-documents";

/**
 * Holds documents against each other and against what the host should be. They are read back from their text, so
 * anybody's will do: a Compose file, an nginx configuration (`*nginx*.conf`), configurations (`config*.yml`).
 */
export function checkDocuments(spec: RegistryHostSpec, files: readonly HostFile[]): readonly Problem[] {
  const { documents, problems } = readDocuments(files);
  return [...problems, ...checkServices(spec, documents), ...checkFrontDocument(spec, documents)];
}
