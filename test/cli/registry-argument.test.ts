import { UsageError } from "../../lib/cli/arguments";
import { parseRegistryArgument } from "../../lib/cli/registry-argument";

test.each([
  ["registry.example.com", "https://registry.example.com/"],
  ["registry.example.com:5050", "https://registry.example.com:5050/"],
  ["localhost:5000", "https://localhost:5000/"],
  ["http://localhost:5000", "http://localhost:5000/"],
  ["https://registry.example.com/", "https://registry.example.com/"],
  ["Registry.Example.COM", "https://registry.example.com/"],
  ["[fd00::7]:5050", "https://[fd00::7]:5050/"],
  ["10.0.20.10:5050", "https://10.0.20.10:5050/"],
  ["docker.io", "https://registry-1.docker.io/"],
  ["index.docker.io", "https://registry-1.docker.io/"],
  ["https://docker.io", "https://registry-1.docker.io/"],
  ["registry-1.docker.io", "https://registry-1.docker.io/"],
  ["docker.io.example.com", "https://docker.io.example.com/"],
])("%s is %s", (text, href) => {
  expect(parseRegistryArgument(text).href).toBe(href);
});

test.each([
  "",
  " ",
  "http://",
  "registry:port",
  "registry:0",
  "registry:70000",
  "a b",
  "a.999",
  "[::1",
  "-a",
  "ftp://registry",
])("%j is no registry, and the error shows one", (text) => {
  expect(() => parseRegistryArgument(text)).toThrow(UsageError);
  expect(() => parseRegistryArgument(text)).toThrow(
    "is no registry: name a registry as registry.example.com:5050",
  );
});

test.each([
  "registry.example.com/team/app",
  "https://registry.example.com/v2/",
  "registry/a?b",
  "registry#c",
])("%s names more than a registry", (text) => {
  expect(() => parseRegistryArgument(text)).toThrow(`"${text}" is no registry`);
  expect(() => parseRegistryArgument(text)).toThrow("Repositories go to --repository");
});

test.each([
  "me:hunter2@registry.example.com",
  "hunter2@registry.example.com",
  "https://me:hunter2@registry.example.com",
  "https://me:hunter2@registry.example.com/path",
  "https://me:hunter2@",
  "https://me:hunter2@a b",
  "me:hunter2/hunter2@registry.example.com",
  "me:5000/hunter2@registry.example.com",
  "https://me:hun/hunter2@registry.example.com",
  "ftp://me:hunter2@registry.example.com",
  "me:hunter2@x@registry.example.com",
])("credentials in %s are refused and not echoed", (text) => {
  let message = "";
  try {
    parseRegistryArgument(text);
  } catch (error) {
    message = error instanceof UsageError ? error.message : `unexpected ${String(error)}`;
  }
  expect(message).toMatch(/must not carry credentials|is no registry/);
  expect(message).not.toContain("hunter2");
});
