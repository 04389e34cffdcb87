import type { PostMortem } from "../../../lib/catalog/post-mortem";

const COLLECTION_TEST = "`test/integration/garbage-collection.test.ts`";
const SERVERS_TEST = "`test/integration/servers.test.ts`";

export const registryOrphanIndex = {
  file: "docs/post-mortems/2026-04-19-registry-orphan-index.md",
  title: "Images of the private registry lost the children of their indexes",
  date: "2026-04-19",
  impact:
    "Twice within a week, on 13 and 19 April 2026, images of `registry.viktorbarzin.me:5050` could not be pulled. " +
    "On the 19th pipelines P366 to P376 failed with exit code 126 for over two hours. No alert fired. " +
    "A probe found 38 broken references in 34 tags afterwards; 28 of these tags were used by no workload, and " +
    "CronJobs that were in use stood in `ImagePullBackOff` for over six hours.",
  timeline: [
    { at: "2026-04-13", text: "The first incident, on a Monday: indexes that answer, children that do not." },
    {
      at: "2026-04-19",
      text: "Sunday, 03:25 by the host's schedule: garbage collection of the private registry, with `-m`.",
    },
    {
      at: "2026-04-19T09:00Z",
      text: "From about now on pipelines fail: exit code 126, image can't be pulled. Nothing alerts.",
    },
    {
      at: "2026-04-19T11:15Z",
      text:
        "Found by hand, with skopeo: `infra-ci:latest` is an index that answers 200; its linux/amd64 child " +
        "(98f718c8…) and its attestation (27d5ab83…) answer 404.",
    },
    { at: "2026-04-19T11:40Z", text: "`infra-ci` is rebuilt; pipelines run again." },
    {
      at: "2026-04-19",
      text:
        "Later: a probe goes live and finds 38 broken references in 34 tags. A scan of the disk, which looked at " +
        "blob data alone, had reported none. The tags are deleted by hand, three images are rebuilt.",
    },
    {
      at: "2026-06",
      text: "The same with packages of Forgejo: a retention deletes untagged children of indexes that it keeps.",
    },
  ],
  causes: [
    {
      statement:
        "`registry garbage-collect -m` (`--delete-untagged`) of distribution 2.8 unlinks every manifest that has no " +
        "tag. The children of an image index have none: the tag is the index's. The index stays and answers 200; " +
        "its children answer 404, and their configs and layers are deleted. The schedule ran it with `-m` every Sunday.",
      evidence: [
        `Reproduced on the real registry in ${COLLECTION_TEST}: with \`-m\` on 2.8 the index is 200 and every child ` +
          "404; without `-m` all of it stays 200; 3.1 keeps the children under `-m`.",
        "distribution issues [#3178](https://github.com/distribution/distribution/issues/3178), " +
          "[#2914](https://github.com/distribution/distribution/issues/2914), " +
          "[#3004](https://github.com/distribution/distribution/issues/3004) and " +
          "[#4461](https://github.com/distribution/distribution/issues/4461); mended by " +
          "[#4285](https://github.com/distribution/distribution/pull/4285) in 3.0.0-beta.1, never in 2.8.",
      ],
    },
    {
      statement:
        "It was invisible because a registry has no referential integrity, and nobody looked below the index.",
      evidence: [
        `A child of a live index can be deleted by the API: 202, and the index stays 200 (${SERVERS_TEST}). ` +
          "So did Forgejo's retention in June.",
        "A manifest is served only where the repository has a link to its revision: its data on the disk is not " +
          `enough (${SERVERS_TEST}). So the scan, which looked at data alone, found nothing.`,
        `After a collection, until a restart, \`HEAD\` answers 200 for a layer that is gone (${COLLECTION_TEST}).`,
      ],
    },
  ],
  refuted: [
    {
      statement:
        "The daily clean-up removed tag directories, and a collector that walks the children of indexes imperfectly did the rest.",
      evidence: [
        "A tag's directory removed leaves index, children, config and layers at 200: it only makes more manifests " +
          `untagged (${SERVERS_TEST}).`,
        "The collector does not stumble over some indexes: with `-m` it takes the children of all of them, on an " +
          `image that nobody cleaned up (${COLLECTION_TEST}).`,
      ],
    },
    {
      statement: "Pinning `registry:2` to 2.8.3 mends it.",
      evidence: [
        "The mend is in 3.0.0-beta.1 and was never carried back: 2.8.3, the last of 2.8, collects as the versions " +
          "before it. A pin is better than a floating tag, and no mend. What helps is a collection without `-m`, or version 3 " +
          `(F2 in ${COLLECTION_TEST}).`,
      ],
    },
    {
      statement: "A broken image has to be rebuilt, as the three were.",
      evidence: [
        "The same bytes of a child PUT again are answered 201, and the child 200: the image is whole, under the same " +
          `digest (${SERVERS_TEST}, \`test/integration/repair/after-collection.test.ts\`).`,
        "And a rebuild alone may not help: without a restart the push skips the layers that the registry still " +
          `promises, ends with success, and the pull dies with \`unexpected EOF\` (${COLLECTION_TEST}).`,
      ],
    },
  ],
  actions: [
    {
      text: "Take `-m` off the schedule, and keep it off.",
      became:
        "The construct `RegistryHost` with `Maintenance`: one sequence, read-only while it collects, a restart after " +
        "it. `deleteUntagged` before 3.0.0 is an error at synthesis (`lib/registry-host/maintenance/check-maintenance.ts`).",
    },
    {
      text: "Look for the same setting elsewhere.",
      became:
        "`tallyman audit`, for any repository; the adoption of a host lists every `garbage-collect -m` on it.",
    },
    {
      text: "Notice it before a pull does.",
      became:
        "The construct `RegistryIntegrityProbe`: every tag, to the last byte of its layers, every 15 minutes; and " +
        "`RegistryAlerts`, which pages within 40 minutes " +
        "([RegistryManifestIntegrityFailure](../runbooks/registry-manifest-integrity-failure.md)).",
    },
    {
      text: "Notice it where a collection or a scan sees it first.",
      became:
        "`tallyman scan`, which follows tags, links, data and sizes, after every maintenance; " +
        "[RegistryOrphanedImages](../runbooks/registry-orphaned-images.md).",
    },
    {
      text: "Notice when nobody looks.",
      became:
        "[RegistryIntegrityProbeAbsent](../runbooks/registry-integrity-probe-absent.md) and " +
        "[RegistryIntegrityProbeStale](../runbooks/registry-integrity-probe-stale.md).",
    },
    {
      text: "Verify what CI pushes, every tag of it.",
      became: "`tallyman verify`, with a second look (`--recheck-after`).",
    },
    {
      text: "Remove old tags without touching what kept ones need.",
      became: "`tallyman retain`, in the place of a clean-up by the age of directories.",
    },
    {
      text: "Repair before rebuilding.",
      became: "`tallyman repair`; [Registry VM](../runbooks/registry-vm.md#repair-an-image).",
    },
    {
      text: "Write down how an image is rebuilt, with and without CI.",
      became: "[Rebuild an image](../runbooks/registry-rebuild-image.md).",
    },
    {
      text: "Forgejo's own retention, which deletes untagged children.",
      became: null,
    },
  ],
} as const satisfies PostMortem;
