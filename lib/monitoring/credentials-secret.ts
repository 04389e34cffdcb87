import { SecretV1 } from "@cdktf/provider-kubernetes/lib/secret-v1";
import { TerraformStack, TerraformVariable, VariableType } from "cdktf";
import { Construct } from "constructs";
import type { VariableCredentials } from "./credentials";
import { credentialsSecretName } from "./probe-names";
import type { ProbeSpec } from "./probe-spec";
import { renderMetadata } from "./render-cron-job";

export interface CredentialsSecretProps {
  readonly spec: ProbeSpec;
  /** Of the registry. */
  readonly key: string;
  readonly credentials: VariableCredentials;
}

/**
 * A Secret from two Terraform variables. They are ephemeral and the data is write-only, so that neither state nor
 * plan holds a value: https://developer.hashicorp.com/terraform/language/manage-sensitive-data/ephemeral
 */
export class CredentialsSecret extends Construct {
  readonly secret: SecretV1;

  constructor(scope: Construct, id: string, props: CredentialsSecretProps) {
    super(scope, id);
    const { usernameVariable, passwordVariable, revision } = props.credentials;
    this.secret = new SecretV1(this, "secret", {
      metadata: renderMetadata(props.spec, credentialsSecretName(props.spec.name, props.key)),
      type: "Opaque",
      dataWo: {
        username: this.ephemeralVariable(usernameVariable),
        password: this.ephemeralVariable(passwordVariable),
      },
      dataWoRevision: revision,
    });
  }

  /** One variable for all who name it, in the whole stack. */
  private ephemeralVariable(name: string): string {
    const isIt = (one: unknown): one is TerraformVariable =>
      one instanceof TerraformVariable && one.friendlyUniqueId === name;
    const known = TerraformStack.of(this).node.findAll().find(isIt);
    if (known !== undefined) return known.stringValue;
    const variable = new TerraformVariable(this, name, { type: VariableType.STRING, sensitive: true });
    variable.overrideLogicalId(name);
    // The typed variable of cdktf does not know it.
    variable.addOverride("ephemeral", true);
    return variable.stringValue;
  }
}
