import { RegistryError } from "../../lib/registry-client/answers";
import { MAX_PAGES, PAGE_SIZE, Pager } from "../../lib/registry-client/pager";

const BASE = "/v2/a/tags/list";

function next(reference: string): string {
  return `<${reference}>; rel="next"`;
}

function names(count: number, prefix = "t"): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i}`);
}

function codeOf(run: () => unknown): string | null {
  try {
    run();
    return null;
  } catch (error) {
    return error instanceof RegistryError ? error.code : String(error);
  }
}

test("a list without Link and shorter than a page is whole", () => {
  const pager = new Pager(BASE);
  expect(pager.path).toBe(`${BASE}?n=1000`);
  expect(pager.accept(["b", "a", "b"], undefined)).toEqual(["b", "a"]);
  expect(pager.path).toBeNull();
});

test.each([
  ["/v2/a/tags/list?last=a&n=5", "/v2/a/tags/list?last=a&n=5"],
  ["list?last=a", "/v2/a/tags/list?last=a"],
  ["?last=a", "/v2/a/tags/list?last=a"],
  ["http://elsewhere.example:99/v2/_catalog?last=x", "/v2/_catalog?last=x"],
  ["//elsewhere.example/v2/x", "/v2/x"],
])("a Link to %s goes on at %s: host and scheme of the base stay", (reference, expected) => {
  const pager = new Pager(BASE);
  pager.accept(["a"], next(reference));
  expect(pager.path).toBe(expected);
});

test.each(["/admin?x", "/v2/../admin", "https://elsewhere.example/", "http://["])(
  "a Link to %s is refused",
  (reference) => {
    expect(codeOf(() => new Pager(BASE).accept(["a"], next(reference)))).toBe("bad_response");
  },
);

test("fewer entries than asked for, or none, are not the end while there is a Link", () => {
  const pager = new Pager(BASE);
  pager.accept(["a"], next("?p=2"));
  expect(pager.accept([], next("?p=3"))).toEqual([]);
  expect(pager.accept(["b"], undefined)).toEqual(["b"]);
  expect(pager.path).toBeNull();
});

test("circles end with an error: a page seen before, a page with nothing new, empty pages for ever", () => {
  const seen = new Pager(BASE);
  seen.accept(["a"], next("?p=2"));
  expect(codeOf(() => seen.accept(["b"], next("?n=1000")))).toBe("bad_response");
  const same = new Pager(BASE);
  same.accept(["a"], next("?p=2"));
  expect(codeOf(() => same.accept(["a"], next("?p=3")))).toBe("bad_response");
  const empty = new Pager(BASE);
  let error: string | null = null;
  let pages = 0;
  for (; error === null; pages += 1) error = codeOf(() => empty.accept([], next(`?p=${pages}`)));
  expect(error).toBe("bad_response");
  expect(pages).toBe(17);
});

test("a full page without Link goes on by last; a page with nothing new is then the end", () => {
  const page = names(PAGE_SIZE - 1);
  const pager = new Pager(BASE);
  pager.accept([...page, "ü/&"], undefined);
  expect(pager.path).toBe(`${BASE}?n=1000&last=%C3%BC%2F%26`);
  expect(pager.accept([...page, "ü/&"], undefined)).toEqual([]);
  expect(pager.path).toBeNull();
  const unsorted = new Pager(BASE);
  unsorted.accept(names(PAGE_SIZE), undefined);
  unsorted.accept(names(PAGE_SIZE).reverse(), undefined);
  expect(unsorted.path).toBeNull();
  const other = new Pager(BASE);
  other.accept(names(PAGE_SIZE + 1), undefined);
  expect(other.path).toBeNull();
});

test("endless lists end with limit: by pages and by names", () => {
  const pages = new Pager(BASE);
  let read = 0;
  const onePage = (): unknown => pages.accept([`t${read}`], next(`?p=${++read}`));
  let error: string | null = null;
  while (error === null) error = codeOf(onePage);
  expect([error, read]).toEqual(["limit", MAX_PAGES]);
  const many = new Pager(BASE);
  expect(codeOf(() => many.accept(names(1_000_000), next("?p=2")))).toBe("limit");
  expect(codeOf(() => new Pager(BASE).accept(names(1_000_000), undefined))).toBeNull();
});
