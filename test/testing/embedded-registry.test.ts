import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { Agent, get } from "node:http";
import { request as tlsRequest } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { Digest } from "../../lib/oci/digest";
import {
  buildImage,
  buildRawManifest,
  EmbeddedRegistry,
  type EmbeddedRegistryOptions,
} from "../../lib/testing";
import { parseRange } from "../../lib/testing/blob-routes";
import { ACCEPT_ALL, rawHttp } from "../support/raw-http";
import { errorCode, provesLastByte, RegistryObserver } from "../support/registry-observer";

async function withRegistry(
  options: EmbeddedRegistryOptions,
  use: (registry: EmbeddedRegistry, at: RegistryObserver) => Promise<void>,
): Promise<void> {
  const registry = await EmbeddedRegistry.start(options);
  try {
    await use(registry, new RegistryObserver(registry.url, "app"));
  } finally {
    await registry.close();
  }
}

describe("uploads", () => {
  const content = Buffer.from("some bytes of a layer");
  const digest = Digest.sha256(content);

  test("in chunks, each where the last ended", async () => {
    await withRegistry({}, async (registry, at) => {
      const start = await rawHttp(`${registry.url}/v2/app/blobs/uploads/`, { method: "POST" });
      expect([start.status, start.headers.range]).toEqual([202, "0-0"]);
      const location = String(start.headers.location);
      const patch = (body: Buffer, contentRange: string): ReturnType<typeof rawHttp> =>
        rawHttp(location, { method: "PATCH", body, headers: { "content-range": contentRange } });
      expect((await patch(content.subarray(0, 5), "0-4")).headers.range).toBe("0-4");
      expect((await patch(content.subarray(5, 9), "7-10")).status).toBe(416);
      expect((await patch(content.subarray(5, 9), "5-8")).headers.range).toBe("0-8");
      expect((await rawHttp(location)).headers.range).toBe("0-8");
      expect((await rawHttp(location.replace("/app/", "/other/"))).status).toBe(404);
      const end = await rawHttp(`${location}&digest=${digest}`, { method: "PUT", body: content.subarray(9) });
      expect(end.status).toBe(201);
      expect((await at.blob(digest)).body.equals(content)).toBe(true);
      expect(errorCode(await rawHttp(location))).toBe("BLOB_UPLOAD_UNKNOWN");
    });
  });

  test("are lost in a restart", async () => {
    await withRegistry({}, async (registry) => {
      const start = await rawHttp(`${registry.url}/v2/app/blobs/uploads/`, { method: "POST" });
      registry.restart();
      expect((await rawHttp(String(start.headers.location))).status).toBe(404);
    });
  });

  test("at once, refused where the digest is of other bytes, cancelled, mounted", async () => {
    await withRegistry({}, async (registry, at) => {
      const uploads = `${registry.url}/v2/app/blobs/uploads/`;
      const wrong = await rawHttp(`${uploads}?digest=${digest}`, { method: "POST", body: Buffer.from("x") });
      expect([wrong.status, errorCode(wrong)]).toEqual([400, "DIGEST_INVALID"]);
      expect((await rawHttp(`${uploads}?digest=${digest}`, { method: "POST", body: content })).status).toBe(
        201,
      );
      const session = String((await rawHttp(uploads, { method: "POST" })).headers.location);
      expect((await rawHttp(session, { method: "DELETE" })).status).toBe(204);
      expect((await rawHttp(session, { method: "PUT" })).status).toBe(404);
      const mount = (from: string): ReturnType<typeof rawHttp> =>
        rawHttp(`${registry.url}/v2/other/blobs/uploads/?mount=${digest}&from=${from}`, { method: "POST" });
      expect((await mount("absent")).status).toBe(202);
      expect((await new RegistryObserver(registry.url, "other").headBlob(digest)).status).toBe(404);
      expect((await mount("app")).status).toBe(201);
      expect((await new RegistryObserver(registry.url, "other").blob(digest)).body.equals(content)).toBe(
        true,
      );
      expect((await at.headBlob(digest)).status).toBe(200);
    });
  });
});

describe("content", () => {
  test("a sha512 image answers by its digests", async () => {
    const image = buildImage({ seed: "a", algorithm: "sha512", layers: 1 });
    const [layer] = image.layers;
    if (layer === undefined) throw new Error("the image has a layer");
    await withRegistry({}, async (registry, at) => {
      registry.put("app", null, image);
      expect((await at.manifest(image.digest)).headers["docker-content-digest"]).toBe(`${image.digest}`);
      expect(provesLastByte(await at.lastByte(layer), layer.size)).toBe(true);
    });
  });

  test("a body that never was JSON is served as it was put", async () => {
    const raw = buildRawManifest({ body: Buffer.from('{"schemaVersion":2,'), mediaType: "application/x" });
    await withRegistry({}, async (registry, at) => {
      registry.put("app", "broken", raw);
      const answer = await at.manifest("broken");
      expect([answer.status, answer.headers["content-type"]]).toEqual([200, "application/x"]);
      expect(answer.body.equals(raw.body)).toBe(true);
    });
  });

  test("behaviour of others: any Accept, deletion by tag, no cache", async () => {
    const behaviour = { acceptRule: false, deleteByTag: "untag", descriptorCache: false } as const;
    const image = buildImage({ seed: "a", layers: 1 });
    const [layer] = image.layers;
    if (layer === undefined) throw new Error("the image has a layer");
    await withRegistry({ behaviour }, async (registry, at) => {
      registry.put("app", "latest", image);
      expect((await at.get("manifests/latest")).status).toBe(200);
      expect((await at.headBlob(layer.digest)).status).toBe(200);
      registry.storage.deleteBlobData(layer.digest);
      expect((await at.headBlob(layer.digest)).status).toBe(404);
      expect((await at.delete("latest")).status).toBe(202);
      expect((await at.manifest("latest")).status).toBe(404);
      expect((await at.manifest(image.digest)).status).toBe(200);
    });
  });

  test("damage to what is not there is an error that says so", async () => {
    await withRegistry({}, async ({ storage }) => {
      expect(() => storage.deleteBlobData("sha256:0")).toThrow("data sha256:0 is not in any repository");
      expect(() => storage.unlinkManifest("app", "sha256:0")).toThrow(
        'repository "app" is not in this storage',
      );
    });
  });

  test("collection keeps what tags name directly, whatever is tagged", () => {
    return fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }), async (tagged) => {
        await withRegistry({}, async ({ storage }) => {
          const images = tagged.map((_, i) => buildImage({ seed: `${i}`, layers: 1 }));
          images.forEach((image, i) => {
            storage.put("app", tagged[i] ? `t${i}` : null, image);
          });
          storage.put("app", "keeps-the-folder", buildImage({ seed: "another" }));
          storage.garbageCollectDeletingUntagged();
          const kept = images.map((image) =>
            [image.digest, ...image.blobs.keys()].every((digest) => storage.data(digest) !== null),
          );
          expect(kept).toEqual(tagged);
        });
      }),
      { numRuns: 10 },
    );
  });
});

describe("byte ranges", () => {
  test.each<[string, ReturnType<typeof parseRange>]>([
    ["bytes=0-0", { first: 0, last: 0 }],
    ["bytes=9-9", { first: 9, last: 9 }],
    ["bytes=3-", { first: 3, last: 9 }],
    ["bytes=3-99", { first: 3, last: 9 }],
    ["bytes=-1", { first: 9, last: 9 }],
    ["bytes=-99", { first: 0, last: 9 }],
    ["bytes=10-10", "unsatisfiable"],
    ["bytes=5-4", "malformed"],
    ["bytes=-", "malformed"],
    ["items=0-1", "malformed"],
    ["bytes=0-1,3-4", null],
  ])("%s of ten bytes", (header, expected) => {
    expect(parseRange(header, 10)).toEqual(expected);
  });
});

describe("observation", () => {
  test("requests are recorded without what they carried as authorization", async () => {
    await withRegistry({}, async (registry, at) => {
      registry.put("app", "latest", buildImage({ seed: "a" }));
      await at.manifest("latest");
      await rawHttp(`${registry.url}/v2/?x=1`, {
        method: "HEAD",
        headers: { authorization: "Basic c2VjcmV0", range: "bytes=0-0" },
      });
      expect(registry.requests).toEqual([
        {
          method: "GET",
          url: "/v2/app/manifests/latest",
          listener: "registry",
          authorization: "none",
          accept: ACCEPT_ALL.accept,
          range: null,
          status: 200,
        },
        {
          method: "HEAD",
          url: "/v2/?x=1",
          listener: "registry",
          authorization: "basic",
          accept: null,
          range: "bytes=0-0",
          status: 200,
        },
      ]);
      registry.forgetRequests();
      expect(registry.requests).toEqual([]);
    });
  });

  test("connections are counted, and close ends the idle and the busy", async () => {
    const registry = await EmbeddedRegistry.start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const once = (): Promise<void> =>
      new Promise((resolve, reject) => {
        get(`${registry.url}/v2/`, { agent }, (answer) => answer.resume().on("end", resolve)).on(
          "error",
          reject,
        );
      });
    await once();
    await once();
    expect(registry.connections).toBe(1);
    registry.script({ fault: { kind: "hang" } });
    const hanging = expect(once()).rejects.toMatchObject({ code: "ECONNRESET" });
    while (registry.requests.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    await registry.close();
    await hanging;
    agent.destroy();
    await expect(rawHttp(`${registry.url}/v2/`)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });

  test("close tells of a hook that threw", async () => {
    const registry = await EmbeddedRegistry.start();
    registry.script({ fault: { kind: "hook", run: () => Promise.reject(new Error("the test is wrong")) } });
    expect((await rawHttp(`${registry.url}/v2/`)).status).toBe(500);
    await expect(registry.close()).rejects.toThrow("the test is wrong");
  });

  test("speaks TLS with a certificate that it is given", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tallyman-tls-"));
    try {
      const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
      const subject = ["-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"];
      const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
      execFileSync(
        "openssl",
        ["req", "-x509", ...newKey, "-keyout", key, "-out", cert, "-days", "2", ...subject],
        { stdio: "ignore" },
      );
      const tls = { key: readFileSync(key), cert: readFileSync(cert) };
      await withRegistry({ tls }, async (registry) => {
        expect(registry.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
        const upload = await new Promise<string>((resolve, reject) => {
          const options = { method: "POST", ca: tls.cert, agent: false };
          tlsRequest(`${registry.url}/v2/app/blobs/uploads/`, options, (answer) => {
            resolve(String(answer.resume().headers.location));
          })
            .on("error", reject)
            .end();
        });
        expect(upload.startsWith(`${registry.url}/v2/app/blobs/uploads/`)).toBe(true);
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
