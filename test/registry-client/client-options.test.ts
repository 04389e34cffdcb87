import { RegistryClient } from "../../lib/registry-client/registry-client";

test.each([
  ["a path", { baseUrl: new URL("http://r.example/prefix") }, "baseUrl must"],
  ["a query", { baseUrl: new URL("http://r.example/?a") }, "baseUrl must"],
  ["user information", { baseUrl: new URL("http://ada:s3cret@r.example/") }, "baseUrl must"],
  ["another scheme", { baseUrl: new URL("ftp://r.example/") }, "baseUrl must"],
  ["a CA that is none", { ca: "hello" }, "ca must"],
  ["a CA of rubbish", { ca: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----" }, "ca must"],
  ["no socket", { concurrency: 0 }, "concurrency must"],
  ["no time", { timeoutMs: Number.NaN }, "timeoutMs must"],
])("%s is refused when the client is made", (_name, options, message) => {
  const make = (): unknown =>
    new RegistryClient({
      baseUrl: new URL("http://r.example"),
      concurrency: 1,
      timeoutMs: 1,
      now: () => 0,
      sleep: async () => undefined,
      random: () => 0,
      warn: () => undefined,
      ...options,
    });
  expect(make).toThrow(message);
  expect(make).not.toThrow("s3cret");
});
