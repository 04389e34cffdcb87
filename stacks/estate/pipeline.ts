import type { PipelineEstate } from "../pipeline";

/** The image that the infrastructure's own pipelines run in, built by Woodpecker. */
export const pipelineEstate: PipelineEstate = {
  images: {
    "build-ci-image": {
      repository: "infra-ci",
      dockerfile: "ci/Dockerfile",
      context: "ci/",
      platforms: ["linux/amd64"],
      credentials: { username: "registry_user", password: "registry_password" },
      branch: "master",
      paths: ["ci/Dockerfile"],
      slackWebhook: "slack_webhook",
    },
  },
};
