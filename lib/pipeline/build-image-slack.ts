import type { StepScript } from "./step-script";
import { shellQuote } from "./verify-push/shell-quote";

const TIMEOUT_MS = 10_000;

/**
 * Sends `$SLACK_TEXT` and the run's address to an incoming webhook, whose URL is a secret: it is in no argument, which
 * other processes see, and in no error. A redirect would take the message to somebody else.
 * https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
export function slackScript(image: string, webhook: string): StepScript {
  return {
    image,
    environment: { SLACK_WEBHOOK: { secret: webhook } },
    commands: [`node -e ${shellQuote(PROGRAM)}`],
  };
}

const PROGRAM = `
const { SLACK_WEBHOOK: url = "", SLACK_TEXT = "", CI_PIPELINE_URL = "" } = process.env;
const escape = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
const fail = (why) => {
  console.error("No message was sent: " + why);
  process.exitCode = 1;
};
if (!URL.canParse(url)) {
  fail("the secret for SLACK_WEBHOOK is empty or no URL. Grant it to this event, or mend its value.");
} else {
  fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ text: escape(SLACK_TEXT + " " + CI_PIPELINE_URL).trim() }),
    redirect: "error",
    signal: AbortSignal.timeout(${TIMEOUT_MS}),
  }).then(
    (answer) => answer.ok || fail("Slack answered " + answer.status),
    (error) => fail(error.name + " " + ((error.cause || {}).code || "")),
  );
}
`;
