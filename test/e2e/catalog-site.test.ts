/** The catalogue's page, opened from a file in a real browser, as somebody does who looks for a runbook at night. */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { renderSiteNginxConfig } from "../../lib/catalog/server/nginx-config";
import { renderSite, type SiteInput } from "../../lib/catalog/site/render-site";
import { integrityAlerts } from "../../lib/monitoring/integrity-alerts";
import { ProbeRun } from "../../lib/monitoring/probe-run";
import { resolveProbe } from "../../lib/monitoring/probe-spec";
import { Registry } from "../../lib/monitoring/registry";
import { freePorts, startNginx } from "../support/nginx";
import { requireTool } from "../support/require-tool";
import { hostileSite, seedSite } from "./catalog-site-world";

const CHROMIUM_ARGS = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];

/** Runs in the page: text below 4.5:1 by WCAG 2, of what can be seen. */
const PALE = `(() => {
  const rgb = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = (color) => {
    const [r, g, b] = rgb(color).map((one) => { const c = one / 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (rgb(color)[3] !== 0) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== "");
  const seen = [...document.querySelectorAll("body *:not(script)")].filter((one) => hasText(one) && one.checkVisibility());
  const pale = seen.map((element) => {
    const [a, b] = [light(getComputedStyle(element).color), light(behind(element))].sort((x, y) => y - x);
    return { text: element.textContent.slice(0, 30), ratio: (a + 0.05) / (b + 0.05) };
  }).filter(({ ratio }) => ratio < 4.5);
  return { seen: seen.length, pale };
})()`;
const PATIENCE_MS = 5_000;
const OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
const RUNBOOK = "#/runbook/docs/runbooks/registry-manifest-integrity-failure.md";

let folder = "";
let browser: BrowserContext;
let page: Page;
/** What a sound page never does: ask for anything, open a dialog, break its own policy. */
let offences: string[];
/** Where the page is served, while it is. */
let served = "";

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tallyman-site-"));
  browser = await chromium.launchPersistentContext(join(folder, "profile"), {
    executablePath: requireTool("chromium"),
    args: CHROMIUM_ARGS,
    viewport: { width: 1280, height: 900 },
  });
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

beforeEach(async () => {
  offences = [];
  page = await browser.newPage();
  await page.route("**/*", async (route) => {
    const { href } = pathToFileURL(folder);
    if ([href, served].some((own) => own !== "" && route.request().url().startsWith(own))) {
      return route.continue();
    }
    offences.push(`request ${route.request().url()}`);
    return route.abort();
  });
  page.on("dialog", (dialog) => {
    offences.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) offences.push(`console ${message.text()}`);
  });
  page.on("pageerror", (error) => offences.push(`script ${error.message}`));
});

afterEach(async () => {
  await page.close();
  expect(offences).toEqual([]);
});

async function open(hash = "", input: SiteInput = seed): Promise<void> {
  const file = join(folder, "index.html");
  writeFileSync(file, renderSite(input));
  await page.goto(`${pathToFileURL(file).href}${hash}`);
}

async function follow(hash: string): Promise<void> {
  await page.evaluate(
    `location.hash = ${JSON.stringify(hash)}; new Promise((done) => requestAnimationFrame(done))`,
  );
}

const seed = seedSite({
  monitoring: {
    alerts: ["RegistryManifestIntegrityFailure"],
    dependsOn: ["traefik"],
    domains: { proxied: [], direct: ["grafana-unlike-its-name"] },
    runbooks: ["docs/runbooks/registry-down.md#diagnosis", "docs/runbooks/elsewhere.md"],
  },
});
const box = () => page.getByRole("searchbox", { name: "Search" });
const found = (): Promise<string[]> => page.locator("#overview .item:visible .name").allInnerTexts();
const heading = (): Promise<string> => page.locator("article:visible h2").first().innerText();
const focused = (): Promise<unknown> =>
  page.evaluate("document.activeElement.id || document.activeElement.textContent");

/** The page answers a click or a key in a task of its own: at once for a person, not always before the next question. */
async function becomes(read: () => Promise<unknown>, expected: unknown): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while ((await read().catch(() => null)) !== expected && performance.now() < end) await pause(20);
  expect(await read()).toBe(expected);
}

describe("the overview", () => {
  test("has every service, and fits into one file", async () => {
    await open();
    expect(Buffer.byteLength(renderSite(seed))).toBeLessThan(300 * 1024);
    expect(await page.locator(".item.service:visible").count()).toBe(90);
    expect(await page.locator("article:visible").count()).toBe(0);
    expect(await page.title()).toBe("Service Catalog");
  });

  test.each([
    ["WIREGUARD", ["wireguard"]],
    ["bitwarden", ["vaultwarden"]],
    ["sso identity", ["authentik"]],
    ["grafana-unlike", ["monitoring"]],
    ["--delete-untagged", expect.arrayContaining(["RegistryManifestIntegrityFailure"])],
    ["<b>nothing", []],
  ])("is searched for %s in names, descriptions, domains and runbooks", async (words, names) => {
    await open();
    await box().pressSequentially(words);
    expect(await found()).toEqual(names);
  });

  test("says how many were found, also by ear", async () => {
    await open();
    await box().fill("vpn");
    expect(await page.getByRole("status").innerText()).toBe("1 found");
    await box().fill("zebra crossing");
    expect(await page.getByRole("status").innerText()).toContain("Nothing found");
    await box().fill("");
    expect(await page.locator(".item.service:visible").count()).toBe(90);
  });

  test("is filtered by tier, status and tag, together with the words", async () => {
    await open();
    const choice = (group: string, name: RegExp) =>
      page.getByRole("group", { name: group }).getByRole("button", { name });
    await choice("Tag", /^GPU/).click();
    expect(await found()).toEqual(["immich", "ollama", "frigate", "ebook2audiobook"]);
    await choice("Tier", /^cluster/).click();
    expect(await found()).toEqual(["immich"]);
    expect(await choice("Tier", /^cluster/).getAttribute("aria-pressed")).toBe("true");
    await box().fill("camera");
    expect(await found()).toEqual([]);
    await choice("Tier", /^cluster/).click();
    expect(await found()).toEqual(["frigate"]);
    await box().press("Escape");
    expect(await page.locator(".item.service:visible").count()).toBe(90);
    await choice("Status", /^disabled/).click();
    expect(await found()).toEqual(["netbox"]);
  });
});

describe("views", () => {
  test("of a service lead to its alerts, runbooks, dependencies and back", async () => {
    await open("#/service/monitoring");
    await becomes(heading, "monitoring");
    expect(await page.title()).toBe("monitoring · Service Catalog");
    expect(await page.locator("article:visible").count()).toBe(1);
    expect(await page.locator("article:visible").innerText()).toContain(
      "docs/runbooks/elsewhere.md (not on this page)",
    );
    await page.locator("article:visible").getByRole("link", { name: "traefik" }).click();
    await becomes(heading, "traefik");
    expect(await page.locator("article:visible dl").innerText()).toMatch(/Needed by\s+monitoring/);
    await page.goBack();
    await page.locator(".alerts").getByRole("link").first().click();
    await becomes(heading, "RegistryManifestIntegrityFailure");
    expect(await page.locator("article:visible").innerText()).toContain("Images cannot be pulled");
    await page.locator("article:visible").getByRole("link", { name: "Mitigation" }).click();
    await becomes(() => page.evaluate("decodeURIComponent(location.hash)"), `${RUNBOOK}/mitigation`);
    await becomes(focused, `${RUNBOOK.slice(1)}/mitigation`);
    await page.locator("article:visible").getByRole("link", { name: "monitoring" }).click();
    await becomes(heading, "monitoring");
  });

  test.each([
    ["#/service/netbox", "netbox", "Replaced by"],
    ["#/service/phpipam", "phpipam", "Replaces"],
    [RUNBOOK, "RegistryManifestIntegrityFailure", "kubectl -n monitoring logs"],
    [`${RUNBOOK}/diagnosis`, "RegistryManifestIntegrityFailure", "Diagnosis"],
    [`${RUNBOOK}/no-such-anchor`, "RegistryManifestIntegrityFailure", "Meaning"],
    [RUNBOOK.replaceAll("/", "%2F").replace("#%2F", "#/"), "RegistryManifestIntegrityFailure", "Meaning"],
    ["#/alert/RegistryDown", "RegistryDown", "The registry does not answer"],
    ["#/post-mortem/docs/post-mortems/outage.md", "An outage", "09:00 it broke"],
    ["#/service/no-such-thing", "Not in this catalogue", "/service/no-such-thing"],
    ["#/%", "Not in this catalogue", "/%"],
    ["#no-such-thing", "Not in this catalogue", "no-such-thing"],
  ])("%s opens by its address", async (hash, title, text) => {
    await open(hash);
    expect(await page.locator("main > :visible").count()).toBe(1);
    await becomes(heading, title);
    expect(await page.locator("article:visible").innerText()).toContain(text);
    await follow("#/");
    expect(await page.locator("#overview").isVisible()).toBe(true);
  });

  test("an anchor is scrolled to, a link between documents too", async () => {
    await open("#/post-mortem/docs/post-mortems/outage.md");
    await page.getByRole("link", { name: "the runbook" }).click();
    await becomes(heading, "RegistryDown");
    await becomes(focused, "/runbook/docs/runbooks/registry-down.md/diagnosis");
    await open(`${RUNBOOK}/mitigation`);
    expect(await page.evaluate("document.activeElement.getBoundingClientRect().top")).toBeLessThan(900);
    expect(await page.evaluate("scrollY")).toBeGreaterThan(0);
  });

  test("every link of the page leads to something", async () => {
    await open();
    const lost = await page.evaluate(`[...document.querySelectorAll('a[href^="#"]')]
      .map((one) => one.getAttribute("href").slice(1))
      .filter((id) => id !== "/" && document.getElementById(id) === null && document.getElementById(decodeURIComponent(id)) === null)`);
    expect(lost).toEqual([]);
    const ids = "[...document.querySelectorAll('[id]')].map((one) => one.id)";
    expect(
      await page.evaluate(`(() => { const ids = ${ids}; return ids.length - new Set(ids).size; })()`),
    ).toBe(0);
  });
});

test("the keyboard alone is enough", async () => {
  await open();
  await page.keyboard.press("Tab");
  expect(await page.locator(":focus").innerText()).toBe("Skip to the content");
  await page.keyboard.press("Enter");
  await becomes(focused, "main");
  await page.keyboard.press("/");
  await becomes(focused, "search");
  await page.keyboard.type("dns");
  await page.keyboard.press("ArrowDown");
  await becomes(focused, "technitium");
  expect(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")).toBe("solid");
  await page.keyboard.press("ArrowUp");
  await becomes(focused, "search");
  await page.keyboard.press("Enter");
  await page.locator("article:visible").waitFor();
  await becomes(heading, "technitium");
  await becomes(focused, "title:/service/technitium");
  await page.keyboard.press("Escape");
  await page.locator("#overview").waitFor();
  await becomes(focused, "technitium");
  await page.keyboard.press("Escape");
  expect(await page.locator(".item.service:visible").count()).toBe(90);
});

test("a hostile catalogue runs nothing, loads nothing and breaks nothing", async () => {
  const input = hostileSite();
  await page.setViewportSize({ width: 360, height: 740 });
  await open("", input);
  expect(await page.locator(".item.service:visible").count()).toBe(8);
  expect(await page.evaluate(OVERFLOW)).toBe(0);
  expect(await page.locator("script").count()).toBe(1);
  expect(await page.locator("style").count()).toBe(1);
  expect(await page.locator("img, svg, iframe, object, form, link, base").count()).toBe(0);
  const handlers =
    "[...document.querySelectorAll('*')].flatMap((one) => one.getAttributeNames()).filter((one) => /^on|^style$/.test(one))";
  expect(await page.evaluate(handlers)).toEqual([]);
  const targets = await page.evaluate("[...document.querySelectorAll('a')].map((one) => one.protocol)");
  expect(new Set(targets as string[])).toEqual(new Set(["file:", "http:"]));
  for (const id of (await page.evaluate(
    "[...document.querySelectorAll('article')].map((one) => one.id)",
  )) as string[]) {
    await follow(`#${id}`);
    expect([id, await page.evaluate(OVERFLOW)]).toEqual([id, 0]);
  }
  await follow("#/");
  await box().fill("</script>");
  await page.locator(".choice").first().click();
  await box().press("Escape");
  await box().fill("");
  // Whatever a tag is, and however many there are: its filter finds the services that have it.
  for (const name of ["tag-299", "\\u202e\\u0000\\ud800"]) {
    const choice = page.locator(".choice").filter({ hasText: name });
    await choice.click();
    expect(await page.locator(".item.service:visible").count()).toBe(8);
    await choice.click();
  }
});

test.each(["light", "dark"] as const)("in %s all text can be read", async (colorScheme) => {
  await page.emulateMedia({ colorScheme });
  for (const hash of ["", "#/service/netbox", "#/service/monitoring", RUNBOOK, "#/nothing"]) {
    await open(hash);
    if (hash === "") await page.locator(".choice").first().click();
    await page.waitForTimeout(150);
    expect(await page.evaluate(PALE)).toEqual({ seen: expect.any(Number), pale: [] });
  }
  await page.emulateMedia({ colorScheme: null });
});

test("the switch turns the theme, against the system's, and is remembered", async () => {
  const background = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
  await page.emulateMedia({ colorScheme: "light" });
  await open();
  const light = await background();
  const button = page.getByRole("button", { name: "Dark" });
  await button.click();
  expect(await background()).not.toBe(light);
  expect(await button.getAttribute("aria-pressed")).toBe("true");
  await page.reload();
  expect(await background()).not.toBe(light);
  await page.emulateMedia({ colorScheme: "dark" });
  await button.click();
  expect(await background()).toBe(light);
  await page.evaluate("localStorage.clear()");
  await page.emulateMedia({ colorScheme: null });
});

test.each(["", "#/service/redis", RUNBOOK, "#/alert/RegistryDown"])(
  "a phone shows %s without scrolling aside",
  async (hash) => {
    await page.setViewportSize({ width: 360, height: 740 });
    await open(hash);
    expect(await page.evaluate(OVERFLOW)).toBe(0);
  },
);

test("the URL that an alert carries leads from the server to the runbook", async () => {
  const root = join(folder, "served");
  const temporary = join(folder, "temporary");
  for (const path of [root, temporary]) mkdirSync(path);
  writeFileSync(join(root, "index.html"), renderSite(seed));
  const [port = 0] = await freePorts(1);
  const base = `http://127.0.0.1:${port}`;
  const config = renderSiteNginxConfig({ listen: [`127.0.0.1:${port}`], root, temporary });
  const isReady = async () => (await fetch(`${base}/healthz`).catch(() => null))?.status === 200;
  const server = await startNginx(folder, config, port, isReady);
  served = base;
  try {
    const spec = resolveProbe({
      namespace: "monitoring",
      registries: [Registry.at("registry.example.com:5050")],
      run: ProbeRun.cronJob({ pushgateway: "http://gateway:9091" }),
    });
    const rules = integrityAlerts(spec, { runbookBaseUrl: base }).flatMap((group) => group.rules);
    for (const { alert, annotations } of rules.slice(0, 2)) {
      await page.goto(annotations.runbook_url ?? "about:blank");
      await becomes(heading, alert);
      expect(await page.locator("article:visible").innerText()).toContain("Mitigation");
    }
  } finally {
    served = "";
    await server.stop();
  }
});

/** Runs in the page, of a picture in base64: how many different colours a grid of its points has. */
const COLOURS = `async (picture) => {
  const bytes = Uint8Array.from(atob(picture), (char) => char.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
  return new Set(new Uint32Array(data.buffer)).size;
}`;

test.each([
  ["light", "", "light", 1280],
  ["dark", "", "dark", 1280],
  ["phone", "", "light", 360],
  ["service", "#/service/monitoring", "light", 1280],
  ["runbook", RUNBOOK, "dark", 1280],
] as const)("a picture of it shows something: %s", async (name, hash, colorScheme, width) => {
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize({ width, height: 900 });
  await open(hash);
  const shots = process.env.TALLYMAN_SCREENSHOTS ?? join(folder, "pictures");
  mkdirSync(shots, { recursive: true });
  const file = join(shots, `catalog-${name}.png`);
  const picture = await page.screenshot({ path: file });
  expect(statSync(file).size).toBeGreaterThan(10_000);
  const blank = await browser.newPage();
  expect(await blank.evaluate(`(${COLOURS})(${JSON.stringify(picture.toString("base64"))})`)).toBeGreaterThan(
    20,
  );
  await blank.close();
  await page.emulateMedia({ colorScheme: null });
});

test("without scripts it is a list whose links lead on", async () => {
  mkdirSync(join(folder, "plain"));
  const plain = await chromium.launchPersistentContext(join(folder, "plain"), {
    executablePath: requireTool("chromium"),
    args: CHROMIUM_ARGS,
    javaScriptEnabled: false,
  });
  try {
    const still = await plain.newPage();
    const file = join(folder, "index.html");
    writeFileSync(file, renderSite(seed));
    await still.goto(pathToFileURL(file).href);
    expect(await still.locator(".item.service").count()).toBe(90);
    expect(await still.locator("#toolbar").isVisible()).toBe(false);
    await still.locator("#overview").getByRole("link", { name: "vaultwarden" }).first().click();
    expect(await still.locator(":target h2").innerText()).toBe("vaultwarden");
  } finally {
    await plain.close();
  }
});
