/** The page of `tallyman serve`, used in a real browser, as somebody does who was just woken. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";
import { renderReportPage } from "../../lib/cli/report-page/report-page";
import { RunMemory } from "../../lib/integrity/exporter/run-memory";
import { buildImage, EmbeddedRegistry, HOSTILE_REPOSITORY_NAMES, HOSTILE_TAG_NAMES } from "../../lib/testing";
import { Serving } from "../integration/serving";
import { assessmentOf, draft, STARTED_AT_MS } from "../integrity/assessment-fixture";
import { requireTool } from "../support/require-tool";
import { firstChild, firstLayer, twoPlatforms } from "../support/two-platforms";

const CHROMIUM_ARGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

interface Contrast {
  readonly text: string;
  readonly ratio: number;
}

/** Runs in the page: the contrast of each text with what stands behind it, by WCAG 2. */
const CONTRASTS = `(() => {
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
  return [...document.querySelectorAll("body *:not(script)")].filter(hasText).map((element) => {
    const [a, b] = [light(getComputedStyle(element).color), light(behind(element))].sort((x, y) => y - x);
    return { text: element.textContent.slice(0, 30), ratio: (a + 0.05) / (b + 0.05) };
  });
})()`;

let profile = "";
let browser: BrowserContext;
let page: Page;
let registry: EmbeddedRegistry;
let serving: Serving | null = null;
/** What a sound page never does: ask another origin, open a dialog, break its own policy. */
let offences: string[];

beforeAll(async () => {
  profile = mkdtempSync(join(tmpdir(), "tallyman-chromium-"));
  browser = await chromium.launchPersistentContext(profile, {
    executablePath: requireTool("chromium"),
    args: CHROMIUM_ARGS,
    viewport: { width: 1280, height: 900 },
  });
});

afterAll(async () => {
  await browser?.close();
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
});

beforeEach(async () => {
  registry = await EmbeddedRegistry.start();
  offences = [];
  page = await browser.newPage();
  page.on("dialog", (dialog) => {
    offences.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) offences.push(`console ${message.text()}`);
  });
  page.on("pageerror", (error) => offences.push(`script ${error.message}`));
  page.on("request", (request) => {
    if (serving !== null && !request.url().startsWith(`${serving.url}/`))
      offences.push(`request ${request.url()}`);
  });
});

afterEach(async () => {
  await page.close();
  await serving?.stop();
  serving = null;
  await registry.close();
  expect(offences).toEqual([]);
});

/** The page after the first walk. */
async function open(...words: string[]): Promise<Serving> {
  serving = await Serving.start([registry.url, ...words]);
  await serving.walked();
  await page.goto(`${serving.url}/`);
  return serving;
}

/** The images of the findings that are to be seen, in their order. */
const images = (): Promise<string[]> =>
  page.locator("table.findings tbody tr:visible td:nth-child(2)").allInnerTexts();
const header = (name: string) => page.getByRole("columnheader", { name }).getByRole("button");

/** Three kinds of damage in three repositories. */
function damage(): void {
  const app = twoPlatforms("page/app");
  registry.put("team/app", "latest", app);
  registry.put("team/app", "8f3c21d0", app);
  registry.storage.unlinkManifest("team/app", firstChild(app).digest);
  const web = twoPlatforms("page/web");
  registry.put("team/web", "2.0", web);
  registry.storage.deleteBlobLink("team/web", firstLayer(web).digest);
  const tool = buildImage({ seed: "page/tool" });
  registry.put("base/tool", "1", tool);
  registry.storage.unlinkManifest("base/tool", tool.digest);
  registry.put("fine", "1", buildImage({ seed: "page/fine" }));
}

describe("a broken registry", () => {
  beforeEach(() => damage());

  test("says what is broken, since when, which images, which repair", async () => {
    await open();
    expect(await page.title()).toBe("3 broken · Registry integrity");
    expect(await page.getByRole("heading", { level: 2 }).innerText()).toBe(registry.host);
    const text = await page.locator("main").innerText();
    expect(text).toContain("3 broken objects: pulls of the images below fail.");
    const row = page.getByRole("row").filter({ hasText: "team/app" });
    const cells = await row.getByRole("cell").allInnerTexts();
    expect(cells[0]).toMatch(/damage index_child_missing[\s\S]*404[\s\S]*sha256:[0-9a-f]{64}/);
    expect(cells[1]).toContain(`${registry.host}/team/app:latest`);
    expect(cells[1]).toContain(`${registry.host}/team/app:8f3c21d0`);
    expect(cells[1]).toContain("linux/amd64");
    expect(cells[2]).toMatch(/^at least since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC \(.+\)$/);
    expect(cells[3]).toContain("PUT the same manifest bytes again");
    expect(await page.locator("time").count()).toBeGreaterThan(3);
  });

  test("is sorted by each column, down and up", async () => {
    await open();
    const [base, app, web] = ["base/tool", "team/app", "team/web"].map((name) =>
      expect.stringContaining(name),
    );
    expect(await images()).toEqual([base, app, web]);
    await header("Images").click();
    await header("Images").click();
    expect(await images()).toEqual([web, app, base]);
    expect(await page.getByRole("columnheader", { name: "Images" }).getAttribute("aria-sort")).toBe(
      "descending",
    );
    await header("What").click();
    expect(await images()).toEqual([app, web, base]);
    expect(await page.getByRole("columnheader", { name: "Images" }).getAttribute("aria-sort")).toBeNull();
  });

  test("is sorted by age: what a later walk found comes last", async () => {
    const served = await open();
    const late = buildImage({ seed: "page/late" });
    registry.put("aaa/late", "1", late);
    registry.storage.unlinkManifest("aaa/late", late.digest);
    await served.walk();
    await page.reload();
    expect((await images())[0]).toContain("aaa/late");
    await header("Since").click();
    expect((await images())[3]).toContain("aaa/late");
    await header("Since").click();
    expect((await images())[0]).toContain("aaa/late");
  });

  test("is filtered by any words, and the rest comes back", async () => {
    await open();
    const box = page.getByRole("searchbox", { name: "Filter" });
    await box.fill("TEAM missing");
    expect(await images()).toHaveLength(2);
    expect(await page.getByRole("status").innerText()).toBe("2 of 3 rows");
    await box.fill("layer_missing");
    expect(await images()).toEqual([expect.stringContaining("team/web")]);
    await header("Images").click();
    expect(await images()).toEqual([expect.stringContaining("team/web")]);
    await box.fill("<b>nothing");
    expect(await images()).toEqual([]);
    expect(await page.getByRole("status").innerText()).toBe("0 of 3 rows");
    await box.fill("");
    expect(await images()).toHaveLength(3);
  });

  test("is used by the keyboard alone", async () => {
    await open();
    const focused = () => page.evaluate("document.activeElement.textContent || document.activeElement.id");
    const stops: unknown[] = [];
    for (let i = 0; i < 7; i++) {
      await page.keyboard.press("Tab");
      stops.push(await focused());
    }
    expect(stops).toEqual(["report (JSON)", "metrics", "filter", "What", "Images", "Since", "Repair"]);
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Shift+Tab");
    await page.keyboard.press("Enter");
    await page.keyboard.press("Space");
    expect((await images())[0]).toContain("team/web");
    expect(await page.locator(":focus-visible").innerText()).toContain("Images");
  });

  test("is read without its script, and on a narrow screen", async () => {
    await open();
    const context = await browser.browser()?.newContext({ javaScriptEnabled: false });
    const plain = await (context ?? browser).newPage();
    await plain.setViewportSize({ width: 360, height: 800 });
    await plain.goto(`${serving?.url}/`);
    expect(await plain.locator("main").innerText()).toContain("PUT the same manifest bytes again");
    if (context !== undefined) expect(await plain.locator("#toolbar").isVisible()).toBe(false);
    await page.setViewportSize({ width: 360, height: 800 });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(360);
    await plain.close();
    await context?.close();
  });

  test.each(["light", "dark"] as const)("has contrast enough in %s", async (colorScheme) => {
    await page.emulateMedia({ colorScheme });
    await open();
    const ratios = await page.evaluate<Contrast[]>(CONTRASTS);
    expect(ratios.length).toBeGreaterThan(20);
    expect(ratios.filter(({ ratio }) => ratio < 4.5)).toEqual([]);
    await page.emulateMedia({ colorScheme: null });
  });
});

test("an empty registry is told from a whole one and from a damaged one", async () => {
  const served = await open();
  expect(await page.title()).toBe("Registry integrity");
  expect(await page.locator(".badge").allInnerTexts()).toEqual(["empty"]);
  expect(await page.locator("main").innerText()).toContain("The registry lists no repository.");
  expect(await page.locator("table").count()).toBe(0);
  expect(await page.locator("#toolbar").isVisible()).toBe(false);
  registry.put("fine", "1", buildImage({ seed: "page/fine" }));
  await served.walk();
  await page.reload();
  expect(await page.locator(".badge").allInnerTexts()).toEqual(["whole"]);
  expect(await page.locator("main").innerText()).toContain("1 repository, 1 tag, 0 indexes, 1 manifest,");
});

test("before the first walk has ended nothing is claimed", async () => {
  registry.script({ fault: { kind: "hang" } });
  serving = await Serving.start([registry.url]);
  await page.goto(`${serving.url}/`);
  expect(await page.locator(".badge").allInnerTexts()).toEqual(["not known yet"]);
  expect(await page.locator("main").innerText()).toMatch(/The first walk began at .*UTC/);
});

test("a registry that cannot be read is no sound one", async () => {
  registry.script({ fault: { kind: "status", status: 403 } });
  await open();
  expect(await page.locator(".badge").allInnerTexts()).toEqual(["unknown"]);
  expect(await page.getByRole("row").filter({ hasText: "unauthorized" }).innerText()).toContain(
    "the registry",
  );
});

test("a registry declared private that is open is told", async () => {
  await open("--private");
  expect(await page.locator(".notice").innerText()).toContain("answers requests without credentials");
});

describe("hostile names", () => {
  test("of a catalogue and of tags are shown and do nothing", async () => {
    registry.put("app", "1", buildImage({ seed: "page/hostile" }));
    const repositories = [...HOSTILE_REPOSITORY_NAMES, "app"];
    registry.script({ fault: { kind: "json", value: { repositories } }, path: "/_catalog" });
    registry.script({
      fault: { kind: "json", value: { name: "app", tags: HOSTILE_TAG_NAMES } },
      path: "/tags/list",
    });
    await open();
    const text = await page.locator("main").innerText();
    expect(text).toContain('<script>alert("x")</script>');
    expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
    expect(await page.locator("main script, main img, main a[href^=javascript]").count()).toBe(0);
    const rows = page.locator("tbody tr");
    const count = await rows.count();
    expect(count).toBeGreaterThan(HOSTILE_REPOSITORY_NAMES.length - 2);
    await header("Where").click();
    await page.getByRole("searchbox").fill("<script>");
    expect(await rows.filter({ visible: true }).count()).toBeGreaterThan(0);
  });

  test("in every text that the page shows", async () => {
    const evil = `"'><img src=x onerror=alert(1)><script>alert(2)</script><b style="color:red">\u202e${"&lt;"}`;
    const memory = new RunMemory(evil);
    const findings = [
      draft({ detail: evil, repository: evil, tags: [evil], digest: evil, platform: evil, path: [evil] }),
      draft({ detail: evil, repository: evil, tags: [], digest: null }),
    ];
    const doubts = [{ reason: "timeout" as const, repository: evil, reference: evil, detail: evil }];
    const assessment = assessmentOf({ findings, doubts: doubts.map((doubt) => [doubt]), instance: evil });
    memory.ended(
      { assessment, endedAtMs: STARTED_AT_MS, authEnforced: false, tlsNotAfterMs: STARTED_AT_MS },
      null,
    );
    const { html } = renderReportPage([memory], STARTED_AT_MS + 60_000);
    await page.setContent(html);
    expect(await page.locator("img, b, main script").count()).toBe(0);
    expect(await page.locator("section").count()).toBe(1);
    expect(await page.locator("h2").innerText()).toContain("<img src=x onerror=alert(1)>");
  });

  test("what slipped through would not run: the policy refuses it", async () => {
    const served = await open();
    const { "content-security-policy": policy } = (await served.get("/")).headers;
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    await page.evaluate("document.querySelector('main').innerHTML = '<img src=/x onerror=alert(1)>'");
    await page.waitForTimeout(200);
    // Chromium says that it refused; no dialog and no request came of it.
    const refused = offences.splice(0);
    expect(refused.length).toBeGreaterThan(0);
    expect(
      refused.filter((one) => !one.startsWith("console ") || !one.includes("Content Security Policy")),
    ).toEqual([]);
  });
});
