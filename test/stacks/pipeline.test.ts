import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, TerraformStack } from "cdktf";
import { ImageLock } from "../../lib/core/image-lock";
import { pipelineEstate } from "../../stacks/estate/pipeline";
import { registryProbe } from "../../stacks/estate/registry-probe";
import { ImagePipelines } from "../../stacks/pipeline";
import { serve, stepsOf } from "../pipeline/woodpecker/woodpecker-server";
import { brokenRules } from "../pipeline/woodpecker/workflow-rules";

let folder = "";
let text = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-pipelines-"));
  const verifyFile = join(folder, "verify.zlib");
  writeFileSync(verifyFile, "program");
  const app = new App({ outdir: join(folder, "out") });
  new ImagePipelines(new TerraformStack(app, "stack"), "pipelines", pipelineEstate, {
    registry: registryProbe.registry.host,
    lock: ImageLock.EMPTY,
    verifyFile,
  });
  app.synth();
  text = readFileSync(join(folder, "out/artifacts/pipeline/build-ci-image.yml"), "utf8");
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("the estate's image is built on its Dockerfile and by hand, and proven before anybody is told", () => {
  const workflow = serve(text, { CI_COMMIT_SHA: "01234567".repeat(5) });
  expect(brokenRules(workflow)).toEqual([]);
  expect(workflow.when).toEqual([
    { event: "push", branch: "master", path: ["ci/Dockerfile"] },
    { event: "manual", branch: "master" },
  ]);
  const steps = stepsOf(workflow);
  expect(steps.map(({ name }) => name)).toEqual([
    "check-secrets",
    "build-and-push",
    "verify-integrity",
    "notify-success",
    "notify-failure",
  ]);
  expect(steps[1]?.settings).toMatchObject({
    repo: "registry.viktorbarzin.me:5050/infra-ci",
    registry: "registry.viktorbarzin.me:5050",
    dockerfile: "ci/Dockerfile",
    tags: ["latest", "01234567"],
  });
  expect(steps[2]?.commands.join()).toContain("registry.viktorbarzin.me:5050/infra-ci:latest");
});

test("its secrets stand there by their names alone, and its images are pinned", () => {
  const secrets = [...text.matchAll(/from_secret: (\S+)/g)].map(([, name]) => name);
  expect(new Set(secrets)).toEqual(new Set(["registry_user", "registry_password", "slack_webhook"]));
  const images = [...text.matchAll(/^ {4}image: (\S+)$/gm)].map(([, image]) => image);
  expect(images).toHaveLength(5);
  for (const image of images) expect(image).toMatch(/:[0-9]+\.[0-9]+\.[0-9]+/);
});
