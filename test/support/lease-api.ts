import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { selfSigned } from "../registry-client/self-signed";

export interface LeaseRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | null;
}

/** What is done instead of an answer, as node:http has it. */
export type LeaseFault = (request: IncomingMessage, response: ServerResponse) => void;

const COLLECTION = "/apis/coordination.k8s.io/v1/namespaces/monitoring/leases";

/** As much of the Kubernetes API as leases need, over TLS, with the files of a pod's account. */
export class LeaseApi {
  readonly requests: LeaseRequest[] = [];
  /** By its name. */
  readonly leases = new Map<string, Record<string, unknown>>();
  fault: LeaseFault | null = null;
  private version = 0;

  private constructor(
    private readonly server: Server,
    /** With `token`, `ca.crt` and `namespace`. */
    readonly account: string,
  ) {}

  static async start(): Promise<LeaseApi> {
    const { key, cert } = selfSigned("localhost");
    const account = mkdtempSync(join(tmpdir(), "tallyman-account-"));
    const server = createServer({ key, cert });
    const api = new LeaseApi(server, account);
    api.writeAccount("token", "first\n");
    api.writeAccount("ca.crt", cert);
    api.writeAccount("namespace", "monitoring");
    server.on("request", (request, response) => api.serve(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return api;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get env(): Readonly<Record<string, string>> {
    return {
      KUBERNETES_SERVICE_HOST: "localhost",
      KUBERNETES_SERVICE_PORT: String(this.port),
      TALLYMAN_SERVICE_ACCOUNT_DIR: this.account,
    };
  }

  /** As the kubelet replaces it. */
  writeAccount(name: string, text: string): void {
    writeFileSync(join(this.account, `${name}.new`), text);
    renameSync(join(this.account, `${name}.new`), join(this.account, name));
  }

  holder(name: string): string {
    return String((this.leases.get(name)?.spec as Record<string, unknown> | undefined)?.holderIdentity ?? "");
  }

  /** As another replica writes it. */
  hold(name: string, holder: string, spec: object = {}): void {
    const renewTime = new Date().toISOString();
    this.store(name, { spec: { holderIdentity: holder, leaseDurationSeconds: 5, renewTime, ...spec } });
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    rmSync(this.account, { recursive: true, force: true });
  }

  private store(name: string, object: Record<string, unknown>): Record<string, unknown> {
    this.version++;
    const metadata = {
      ...Object(object.metadata),
      namespace: "monitoring",
      name,
      resourceVersion: `${this.version}`,
    };
    const stored = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", ...object, metadata };
    this.leases.set(name, stored);
    return stored;
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      this.requests.push({ method, path: url, authorization: headers.authorization ?? null });
      if (this.fault !== null) return this.fault(request, response);
      const answer = (status: number, body: object): void => {
        response.writeHead(status, { "Content-Type": "application/json" });
        response.end(JSON.stringify(body));
      };
      const sent: Record<string, unknown> =
        chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString());
      if (method === "POST" && url === COLLECTION) {
        const name = String(Object(sent.metadata).name);
        return this.leases.has(name) ? answer(409, {}) : answer(201, this.store(name, sent));
      }
      const name = url.startsWith(`${COLLECTION}/`) ? url.slice(COLLECTION.length + 1) : "";
      const there = this.leases.get(name);
      if (there === undefined) return answer(404, {});
      if (method === "GET") return answer(200, there);
      const isCurrent = Object(sent.metadata).resourceVersion === Object(there.metadata).resourceVersion;
      return isCurrent ? answer(200, this.store(name, sent)) : answer(409, {});
    });
  }
}
