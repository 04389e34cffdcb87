import { type TerraformMetaArguments, TerraformResource } from "cdktf";
import type { Construct } from "constructs";

export interface TerraformDataConfig extends TerraformMetaArguments {
  /** Any change of a value replaces the resource, and so runs its provisioners again; already escaped. */
  readonly triggersReplace: Readonly<Record<string, string>>;
}

/**
 * `terraform_data`, which is built into Terraform from 1.4 on. cdktf's own class of it runs `terraform version` at
 * every synthesis and fails where there is none, but a synthesis needs no Terraform.
 * https://developer.hashicorp.com/terraform/language/resources/terraform-data
 */
export class TerraformData extends TerraformResource {
  private readonly triggersReplace: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, { triggersReplace, ...config }: TerraformDataConfig) {
    super(scope, id, {
      terraformResourceType: "terraform_data",
      terraformGeneratorMetadata: { providerName: "terraform" },
      ...config,
    });
    this.triggersReplace = triggersReplace;
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return { triggers_replace: this.triggersReplace };
  }
}
