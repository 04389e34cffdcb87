import { type BuiltManifest, buildImage, buildIndex } from "../../testing";
import { push } from "./distribution-client";

export interface DemoImage {
  readonly repository: string;
  readonly tag: string;
  readonly image: BuiltManifest;
}

/** A small team's registry: a CI image under two tags, multi-platform applications, one plain image. */
export function buildFleet(): DemoImage[] {
  const ci = multiPlatform("infra-ci/8f3c21d0");
  return [
    { repository: "infra-ci", tag: "8f3c21d0", image: ci },
    { repository: "infra-ci", tag: "latest", image: ci },
    { repository: "infra-ci", tag: "51be07aa", image: multiPlatform("infra-ci/51be07aa") },
    { repository: "team/web", tag: "1.4.2", image: multiPlatform("team/web/1.4.2") },
    { repository: "team/web", tag: "1.4.3", image: multiPlatform("team/web/1.4.3") },
    { repository: "k8s-portal", tag: "2.0.0", image: buildImage({ seed: "k8s-portal/2.0.0", layers: 3 }) },
  ];
}

function multiPlatform(seed: string): BuiltManifest {
  const children = ["linux/amd64", "linux/arm64"].map((platform) =>
    buildImage({ seed: `${seed}/${platform}`, platform, layers: 3 }),
  );
  return buildIndex({ children, attestations: true });
}

export async function pushFleet(url: string, fleet: readonly DemoImage[]): Promise<void> {
  for (const { repository, tag, image } of fleet) await push(url, repository, tag, image);
}
