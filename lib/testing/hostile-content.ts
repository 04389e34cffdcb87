/** Content that is legal, or nearly so, and made to exhaust or to deceive whoever reads it. */
import type { BuiltManifest } from "./built-manifest";
import { buildImage, buildIndex } from "./image-builder";

/** An image below `depth` indexes, each of which lists the next. @param depth default 100 */
export function buildDeepIndex(seed: string, depth = 100): BuiltManifest {
  let root = buildImage({ seed, layers: 1 });
  for (let i = 0; i < depth; i += 1) root = buildIndex({ children: [root] });
  return root;
}

/** An index of so many images, each with a layer of its own. @param children default 400 */
export function buildWideIndex(seed: string, children = 400): BuiltManifest {
  return buildIndex({
    children: Array.from({ length: children }, (_, i) => buildImage({ seed: `${seed}/${i}`, layers: 1 })),
  });
}

/** Names that no registry may list as repositories: each must reach neither a URL nor a screen as it is. */
export const HOSTILE_REPOSITORY_NAMES: readonly string[] = [
  "../../../etc/passwd",
  "a/../../v2/_catalog",
  "/etc/passwd",
  "a//b",
  "a?n=1#fragment",
  "a%2f..%2fb",
  "http://127.0.0.1:1/v2/a",
  "UPPER/case",
  "",
  " ",
  "a b",
  "a\r\nHost: elsewhere",
  "a\u0000b",
  "\u001b[2J\u001b[31mred\u001b]8;;http://elsewhere\u0007link",
  "\u009b31mred",
  "a\u202egpj.exe",
  '<script>alert("x")</script>',
  "[a](javascript:alert(1))",
  "| a | b |\n|---|---|",
  "\u0024{jndi:ldap://elsewhere/a}",
  '"} 1\nregistry_manifest_integrity_failures 0',
  "a".repeat(256),
];

/** Names that no registry may list as tags. */
export const HOSTILE_TAG_NAMES: readonly string[] = [
  "..",
  "../../manifests/latest",
  "latest/../../blobs",
  "a/b",
  "a?x=1",
  "a#b",
  "a%2e%2e",
  "",
  "-begins-with-a-dash",
  ".begins-with-a-dot",
  "a b",
  "a\r\nx-injected: 1",
  "a\u0000b",
  "\u001b[2J\u001b[31mred",
  "a\u202egpj.exe",
  "<img src=x onerror=alert(1)>",
  "`code`",
  '"} 1\nfailures 0',
  "t".repeat(129),
];
