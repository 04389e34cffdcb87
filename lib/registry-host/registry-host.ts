import { Fn, type SSHProvisionerConnection, TerraformAsset, Token } from "cdktf";
import { Construct } from "constructs";
import { ConfigurationError, type Problem } from "../core/problem";
import { checkShapes } from "../core/shape";
import { Artifact } from "../terraform/artifacts";
import { escapeTerraform, escapeTerraformMap } from "../terraform/escape";
import { TerraformData } from "../terraform/terraform-data";
import { type AdoptOptions, checkAdoption } from "./check-adoption";
import { checkedFiles } from "./checked-files";
import { checkHost } from "./checks";
import { HOST_SHAPES } from "./host-shapes";
import { hostSpec, type RegistryHostOptions, type RegistryHostSpec } from "./host-spec";
import { activationSpec, imagesOf } from "./release/activation-spec";
import { checkHostProgram, defaultHostProgram, fileHash } from "./release/host-program";
import { buildRelease, HOST_PROGRAM, type Release, UPLOAD_LIST } from "./release/release";
import { renderActivation, renderPreparation } from "./release/render-activation";
import { shellQuote } from "./release/shell-quote";
import { checkSsh, type Ssh } from "./ssh";

export interface RegistryHostProps<Name extends string = string> extends RegistryHostOptions<Name> {
  readonly ssh: Ssh;
  /** What of a host that runs already is retired, and what may stay. @default whatever is found stops the apply */
  readonly adopt?: AdoptOptions;
  /** Releases that stay on the host, the running one included; at least 2. @default 3 */
  readonly keepReleases?: number;
  /**
   * The bundle of the commands that maintain the host.
   * @default the one that comes with this library
   */
  readonly programFile?: string;
}

/** How a registry of a host is pulled from and probed, as `Registry.at(host, { address })` takes it. */
export interface RegistryAddress {
  /** `<name>:<port>`, the name being the certificate's where there is one. */
  readonly host: string;
  /** `<the host's own address>:<port>` */
  readonly address: string;
}

/** A host with registries behind one front, deployed over ssh as releases, of which one is in force. */
export class RegistryHost<Name extends string = string> extends Construct {
  readonly spec: RegistryHostSpec;
  readonly release: Release;
  readonly registries: { readonly [K in Name]: RegistryAddress };
  /** Uploads and activates: replaced, and run, whenever a file of the release changes; destroyed, it leaves the host as it is. */
  readonly deployment: TerraformData;

  /** @throws ConfigurationError with all that is wrong with the props */
  constructor(scope: Construct, id: string, props: RegistryHostProps<Name>) {
    super(scope, id);
    ConfigurationError.throwIfAny(checkShapes<RegistryHostProps>(props, HOST_SHAPES));
    const { ssh, adopt = {}, keepReleases = 3, programFile = defaultHostProgram() } = props;
    ConfigurationError.throwIfAny([
      ...checkHost(props),
      ...checkSsh(ssh),
      ...checkAdoption(adopt),
      ...checkKeepReleases(keepReleases),
      ...checkHostProgram(programFile),
    ]);
    this.spec = hostSpec(props);
    const files = checkedFiles(this.spec);
    const { remove = [], keep = [] } = adopt;
    this.release = buildRelease(this.spec, files, fileHash(programFile), keep);
    this.registries = addresses(props.registries, ssh.host);
    const program = new TerraformAsset(this, "program", { path: programFile });
    const script = renderActivation(activationSpec(this.spec, this.release, { remove, keep, keepReleases }));
    this.deployment = this.deploy(ssh, program, script, { remove, keep });
    this.writeArtifacts();
  }

  private deploy(
    ssh: Ssh,
    program: TerraformAsset,
    script: string,
    { remove, keep }: Required<AdoptOptions>,
  ): TerraformData {
    const { id, files } = this.release;
    // Terraform's id of the attempt: an upload that was cut off never mixes with the next.
    const incoming = `${this.spec.root}/incoming/${id}-\${self.id}`;
    const shown = files.filter(({ path }) => !DERIVED.includes(path));
    const triggers = {
      ...Object.fromEntries(shown.map(({ path, content }) => [path, content])),
      [HOST_PROGRAM]: fileHashOf(this.release),
      ...(remove.length === 0 ? {} : { "adopt.remove": remove.join("\n") }),
      ...(keep.length === 0 ? {} : { "adopt.keep": keep.join("\n") }),
    };
    const connection = connectionOf(ssh);
    return new TerraformData(this, "deployment", {
      triggersReplace: escapeTerraformMap(triggers),
      connection,
      provisioners: [
        { type: "remote-exec", inline: [renderPreparation(incoming)] },
        { type: "file", content: uploadList(this.release), destination: `${incoming}/${UPLOAD_LIST}` },
        { type: "file", source: program.path, destination: `${incoming}/${HOST_PROGRAM}` },
        { type: "file", content: escapeTerraform(script), destination: `${incoming}/activate.sh` },
        { type: "remote-exec", inline: [`sh ${shellQuote(`${incoming}/activate.sh`)}`] },
      ],
    });
  }

  private writeArtifacts(): void {
    const { files } = this.release;
    // By their tags, which `tallyman pin` resolves: a digest is the lock's.
    const tags = imagesOf(this.spec).map((image) => image.replace(/(:[^/@]+)@.*$/, "$1"));
    const images = { schema: "tallyman.images/1", images: tags };
    const artifacts = [
      ...files.filter(({ path }) => path === "release.json" || !DERIVED.includes(path)),
      { path: "images.json", content: `${JSON.stringify(images, null, 2)}\n` },
    ];
    for (const { path, content } of artifacts) {
      new Artifact(this, `artifact-${path.replaceAll("/", "-")}`, { path: `registry-host/${path}`, content });
    }
  }
}

/** They follow from the others: in a plan they would be noise. */
const DERIVED = ["release.json", "files.sha256", "installed.list", "services.list"];

/** One file for all, as each upload is a connection of its own; what the plan shows is what is sent. */
function uploadList({ files }: Release): string {
  const lines = files.map(({ path, content }) => {
    const bytes = DERIVED.includes(path)
      ? Buffer.from(content).toString("base64")
      : `\${base64encode(self.triggers_replace["${path}"])}`;
    return `${path} ${bytes}\n`;
  });
  return lines.join("");
}

function fileHashOf(release: Release): string {
  return release.manifest.files.find(({ path }) => path === HOST_PROGRAM)?.sha256 ?? "";
}

function connectionOf({ host, options }: Ssh): SSHProvisionerConnection {
  const { hostKey, user = "root", port = 22, privateKeyFile, timeout = "2m" } = options;
  const agent = options.agent ?? privateKeyFile === undefined;
  const key = privateKeyFile === undefined ? null : Token.asString(Fn.file(Fn.pathexpand(privateKeyFile)));
  return {
    type: "ssh",
    host,
    user,
    port,
    hostKey,
    timeout,
    agent: `${agent}`,
    ...(key === null ? {} : { privateKey: key }),
  };
}

function addresses<Name extends string>(
  registries: RegistryHostOptions<Name>["registries"],
  address: string,
): { readonly [K in Name]: RegistryAddress } {
  const found = {} as { [K in Name]: RegistryAddress };
  for (const name of Object.keys(registries) as Name[]) {
    const registry = registries[name];
    const dialled = `${address}:${registry.port}`;
    const host = registry.kind === "private" ? `${registry.hostname}:${registry.port}` : dialled;
    found[name] = { host, address: dialled };
  }
  return found;
}

function checkKeepReleases(count: number): readonly Problem[] {
  if (Number.isInteger(count) && count >= 2 && count <= 100) return [];
  const fix = "Write 3: the running one, and those to go back to.";
  return [{ path: "keepReleases", rule: "be a number from 2 to 100", value: count, fix }];
}
