import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderAlertRelabeling } from "../../../lib/catalog/alert-labels";
import { renderSiteNginxConfig, SITE_SERVER_PATHS } from "../../../lib/catalog/server/nginx-config";
import { startNginx } from "../../support/nginx";
import { requireTool } from "../../support/require-tool";
import type { ServerProcess } from "../../support/server-process";

let folder = "";
let server: ServerProcess;
let base = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-site-"));
  const root = join(folder, "site");
  // As a mounted ConfigMap is laid out.
  mkdirSync(join(root, "..2026"), { recursive: true });
  mkdirSync(join(folder, "temporary"));
  writeFileSync(join(root, "..2026/index.html"), "<h1>Catalogue</h1>");
  writeFileSync(join(root, "..2026/catalog.json"), "{}");
  symlinkSync("..2026", join(root, "..data"));
  symlinkSync("..data/index.html", join(root, "index.html"));
  symlinkSync("..data/catalog.json", join(root, "catalog.json"));
  const port = await freePort();
  base = `http://127.0.0.1:${port}`;
  const config = renderSiteNginxConfig({
    listen: [`127.0.0.1:${port}`, `[::1]:${port}`],
    root,
    temporary: join(folder, "temporary"),
  });
  const isReady = async () => (await fetch(`${base}/healthz`).catch(() => null))?.status === 200;
  server = await startNginx(folder, config, port, isReady);
});

afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

test.each([
  ["/", 200, "text/html; charset=utf-8"],
  ["/index.html", 200, "text/html; charset=utf-8"],
  ["/catalog.json", 200, "application/json; charset=utf-8"],
  ["/..data/catalog.json", 404, null],
  ["/..2026/", 404, null],
  ["/absent", 404, null],
])("GET %s is %d", async (path, status, type) => {
  const reply = await fetch(`${base}${path}`);
  await reply.text();
  expect(reply.status).toBe(status);
  if (type !== null) expect(reply.headers.get("content-type")).toBe(type);
  expect(reply.headers.get("x-content-type-options")).toBe("nosniff");
});

test.each([
  ["/docs/runbooks/registry-down.md", "/#/runbook/docs/runbooks/registry-down.md"],
  ["/docs/post-mortems/2026-04-19-x.md?a=b", "/#/post-mortem/docs/post-mortems/2026-04-19-x.md"],
  ["/docs/runbooks/", null],
  ["/docs/runbooks/.x.md", null],
  ["/docs/runbooks/../secret.md", null],
  ["/docs/runbooks/a%0d%0aSet-Cookie:x.md", null],
  ["/docs/runbooks/a/b.md", null],
  ["/docs/runbooks/a.mdx", null],
  ["/x/docs/runbooks/a.md", null],
])("the URL of an alert, %s, leads to its view", async (path, expected) => {
  const reply = await fetch(`${base}${path}`, { redirect: "manual" });
  await reply.text();
  expect([reply.status, reply.headers.get("location")]).toEqual([expected === null ? 404 : 302, expected]);
  expect(reply.headers.get("set-cookie")).toBeNull();
});

test("IPv6 is answered too, as a cluster may have nothing else", async () => {
  const reply = await fetch(`${base.replace("127.0.0.1", "[::1]")}/healthz`);
  expect([reply.status, await reply.text()]).toEqual([200, "ok\n"]);
  expect(SITE_SERVER_PATHS.listen).toEqual(["8080", "[::]:8080"]);
});

test("nothing but reading is allowed", async () => {
  const reply = await fetch(base, { method: "PUT", body: "x" });
  await reply.text();
  expect([403, 405]).toContain(reply.status);
});

test("Prometheus takes the alert labels", () => {
  const list = renderAlertRelabeling([
    { alert: "A", services: ["$x"], runbook: "docs/runbooks/a.md" },
    { alert: "B.c", services: [], runbook: "docs/runbooks/a.md" },
  ]);
  const config = `alerting:\n  alert_relabel_configs:\n${list.replace(/^(?=.)/gm, "    ")}`;
  const file = join(folder, "prometheus.yml");
  writeFileSync(file, config);
  const run = spawnSync(requireTool("promtool"), ["check", "config", file], { encoding: "utf8" });
  expect(`${run.stdout}${run.stderr}`).toContain("SUCCESS");
});
