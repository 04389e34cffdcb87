/**
 * `node raw-app.js <output> <folder>`: synthesizes into the folder what the stacks of an output consist of, each
 * resource, provider and variable with its arguments as they stand there, by cdktf and the providers' own classes:
 * what the same Terraform costs without this library. Files that resources carry are not among it.
 */
const { readdirSync, readFileSync } = require("node:fs");
const { join } = require("node:path");
const { App, LocalBackend, TerraformStack, TerraformVariable } = require("cdktf");

/** Arguments whose keys are the user's own words. */
const MAPS = new Set([
  "annotations",
  "data",
  "labels",
  "limits",
  "manifest",
  "match_labels",
  "node_selector",
  "requests",
]);
/** What no class takes in the form in which it is written. */
const OVERRIDES = new Set(["connection", "depends_on", "lifecycle", "provider", "provisioner"]);

const camelCase = (name) => name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());

function propsOf(value) {
  if (Array.isArray(value)) return value.map(propsOf);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [camelCase(key), MAPS.has(key) ? one : propsOf(one)]),
  );
}

/** `kubernetes_cron_job_v1` is the class of that type in `@cdktf/provider-kubernetes/lib/cron-job-v1`. */
function classOf(type) {
  const [provider, ...words] = type.split("_");
  const path = provider === "terraform" ? "cdktf" : `@cdktf/provider-${provider}/lib/${words.join("-")}`;
  const found = Object.values(require(path)).find(({ tfResourceType }) => tfResourceType === type);
  if (found === undefined) throw new Error(`${path} has no class of ${type}`);
  return found;
}

function addStack(app, id, { resource = {}, provider = {}, variable = {} }) {
  const stack = new TerraformStack(app, id);
  new LocalBackend(stack, { path: "terraform.tfstate" });
  for (const [name, [props]] of Object.entries(provider)) {
    const [Provider] = Object.values(require(`@cdktf/provider-${name}/lib/provider`)).filter(
      (one) => one.tfResourceType,
    );
    new Provider(stack, name, propsOf(props));
  }
  for (const [name, props] of Object.entries(variable)) {
    new TerraformVariable(stack, name, propsOf(props)).overrideLogicalId(name);
  }
  for (const [type, resources] of Object.entries(resource)) {
    const Resource = classOf(type);
    for (const [name, { "//": _, ...args }] of Object.entries(resources)) {
      const [overridden, plain] = [true, false].map((is) =>
        Object.fromEntries(Object.entries(args).filter(([key]) => OVERRIDES.has(key) === is)),
      );
      const element = new Resource(stack, name, propsOf(plain));
      element.overrideLogicalId(name);
      for (const [key, value] of Object.entries(overridden)) element.addOverride(key, value);
    }
  }
}

const [output, outdir] = process.argv.slice(2);
// cdktf's class of terraform_data would run `terraform version`, which the estate's does not.
const app = new App({ outdir, skipValidation: true });
for (const id of readdirSync(join(output, "stacks"))) {
  addStack(app, id, JSON.parse(readFileSync(join(output, "stacks", id, "cdk.tf.json"), "utf8")));
}
app.synth();
