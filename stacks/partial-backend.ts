import { TerraformBackend, type TerraformRemoteState } from "cdktf";
import type { Construct } from "constructs";

/** A backend of which only the type is written down: `terraform init -backend-config` gives the rest. */
export class PartialBackend extends TerraformBackend {
  /** @param type as in Terraform's `backend` block: s3, http, gcs … */
  constructor(scope: Construct, type: string) {
    super(scope, "backend", type);
  }

  protected override synthesizeAttributes(): Record<string, never> {
    return {};
  }

  override getRemoteStateDataSource(): TerraformRemoteState {
    throw new Error("A partial backend cannot be read from another stack: declare a whole one in that case.");
  }
}
