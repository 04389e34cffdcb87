import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request as requestPlain } from "node:http";
import { request as requestTls } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, ServerProcess } from "../../support/server-process";
import type { ClusterBinaries } from "./binaries";
import { renderKubeconfig } from "./kubeconfig";

/** Nothing of it is an address of a network: no pod has one of its own. */
const SERVICE_RANGE = "10.96.0.0/24";
const CLUSTER_START_MS = 60_000;

/** etcd, kube-apiserver, kube-controller-manager and kube-scheduler on loopback, with a folder and ports of their own. */
export class ControlPlane {
  private constructor(
    /** With certificates, etcd's data and the kubeconfig; removed at the end. */
    readonly folder: string,
    /** `https://127.0.0.1:<port>` */
    readonly url: string,
    readonly token: string,
    private readonly etcd: ServerProcess,
    private apiserver: ServerProcess,
    private readonly startApiserver: () => Promise<ServerProcess>,
    private readonly controllers: ServerProcess[],
  ) {}

  static async start(binaries: ClusterBinaries): Promise<ControlPlane> {
    const folder = mkdtempSync(join(tmpdir(), "tallyman-cluster-"));
    const started: ServerProcess[] = [];
    try {
      const etcd = await startEtcd(binaries, folder);
      started.push(etcd);
      const token = randomBytes(16).toString("hex");
      writeIdentity(folder, token);
      const port = await freePort();
      const start = () => startApiserver(binaries, folder, port, etcd.port, token);
      const apiserver = await start();
      started.push(apiserver);
      const url = `https://127.0.0.1:${port}`;
      writeFileSync(join(folder, "kubeconfig"), renderKubeconfig({ url, token, ca: readCa(folder) }), {
        mode: 0o600,
      });
      const controllers = await startControllers(binaries, folder);
      return new ControlPlane(folder, url, token, etcd, apiserver, start, controllers);
    } catch (error) {
      for (const server of started.reverse()) await server.stop();
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  get kubeconfig(): string {
    return join(this.folder, "kubeconfig");
  }

  /** PEM of what the API server's certificate is signed by. */
  get ca(): string {
    return readCa(this.folder);
  }

  /** Whether Jobs are made and pods placed. */
  get hasControllers(): boolean {
    return this.controllers.length === 2;
  }

  /** As a power cut would. */
  async killApiserver(): Promise<void> {
    await this.apiserver.kill();
  }

  /** On the same port. */
  async restartApiserver(): Promise<void> {
    this.apiserver = await this.startApiserver();
  }

  async stop(): Promise<void> {
    for (const server of [...this.controllers, this.apiserver, this.etcd]) await server.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function startEtcd({ etcd }: ClusterBinaries, folder: string): Promise<ServerProcess> {
  const peer = await freePort();
  return ServerProcess.start({
    command: etcd,
    args: (port) => [
      `--data-dir=${join(folder, "etcd")}`,
      `--listen-client-urls=http://127.0.0.1:${port}`,
      `--advertise-client-urls=http://127.0.0.1:${port}`,
      `--listen-peer-urls=http://127.0.0.1:${peer}`,
      `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`,
      `--initial-cluster=default=http://127.0.0.1:${peer}`,
      "--unsafe-no-fsync",
    ],
    isReady: async (port) => isHealthy(`http://127.0.0.1:${port}/health`),
    folder,
    readyTimeoutMs: CLUSTER_START_MS,
  });
}

/** The account of everybody here, and the key that service accounts' tokens are signed with. */
function writeIdentity(folder: string, token: string): void {
  mkdirSync(join(folder, "pki"), { mode: 0o700 });
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  writeFileSync(join(folder, "pki/service-account.key"), privateKey, { mode: 0o600 });
  writeFileSync(join(folder, "pki/service-account.pub"), publicKey);
  writeFileSync(join(folder, "tokens.csv"), `${token},admin,admin,system:masters\n`, { mode: 0o600 });
}

/** Its certificate is its own making: `--cert-dir` has it made where there is none. */
function startApiserver(
  { kubeApiserver }: ClusterBinaries,
  folder: string,
  port: number,
  etcdPort: number,
  token: string,
): Promise<ServerProcess> {
  return ServerProcess.start({
    command: kubeApiserver,
    port,
    args: () => [
      `--etcd-servers=http://127.0.0.1:${etcdPort}`,
      "--bind-address=127.0.0.1",
      "--advertise-address=127.0.0.1",
      `--secure-port=${port}`,
      `--cert-dir=${join(folder, "pki")}`,
      `--service-cluster-ip-range=${SERVICE_RANGE}`,
      "--service-account-issuer=https://kubernetes.default.svc",
      `--service-account-key-file=${join(folder, "pki/service-account.pub")}`,
      `--service-account-signing-key-file=${join(folder, "pki/service-account.key")}`,
      `--token-auth-file=${join(folder, "tokens.csv")}`,
      "--authorization-mode=RBAC",
      "--kubelet-preferred-address-types=InternalIP",
    ],
    isReady: async () => isHealthy(`https://127.0.0.1:${port}/readyz`, token),
    folder,
    readyTimeoutMs: CLUSTER_START_MS,
  });
}

async function startControllers(
  { kubeControllerManager, kubeScheduler }: ClusterBinaries,
  folder: string,
): Promise<ServerProcess[]> {
  if (kubeControllerManager === null || kubeScheduler === null) return [];
  const common = [
    `--kubeconfig=${join(folder, "kubeconfig")}`,
    "--leader-elect=false",
    "--bind-address=127.0.0.1",
  ];
  const start = (command: string, own: readonly string[]) =>
    ServerProcess.start({
      command,
      args: (port) => [
        ...common,
        `--secure-port=${port}`,
        `--cert-dir=${join(folder, "pki-controllers")}`,
        ...own,
      ],
      isReady: async (port) => isHealthy(`https://127.0.0.1:${port}/healthz`),
      folder,
      readyTimeoutMs: CLUSTER_START_MS,
    });
  const manager = await start(kubeControllerManager, [
    `--service-account-private-key-file=${join(folder, "pki/service-account.key")}`,
    `--root-ca-file=${join(folder, "pki/apiserver.crt")}`,
  ]);
  try {
    return [manager, await start(kubeScheduler, [])];
  } catch (error) {
    await manager.stop();
    throw error;
  }
}

function readCa(folder: string): string {
  return readFileSync(join(folder, "pki/apiserver.crt"), "utf8");
}

/** Before there is a kubeconfig nothing is known of the certificate: it is loopback, and nothing is sent but a look. */
function isHealthy(url: string, token?: string): Promise<boolean> {
  const send = url.startsWith("https:") ? requestTls : requestPlain;
  return new Promise((resolve) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const sent = send(url, { headers, rejectUnauthorized: false, timeout: 2_000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    sent.on("timeout", () => sent.destroy());
    sent.on("error", () => resolve(false));
    sent.end();
  });
}
