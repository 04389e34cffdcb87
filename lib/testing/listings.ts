/**
 * The catalogue and the lists of tags, with the ways of paging that registries have.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#listing-tags
 * https://distribution.github.io/distribution/spec/api/#listing-repositories
 */
import type { RegistryRequest } from "./registry-request";
import { errorReply, jsonReply, type Reply } from "./reply";

const MAX_CATALOGUE_PAGE = 1000;
const DEFAULT_PAGE = 100;

/**
 * How tags/list pages: `none` as 2.8 (all tags, in no order, `n` and `last` ignored), `link` as the
 * specification says, `last` as Gitea (sorted pages by `n` and `last`, without a Link).
 */
export type TagsPaging = "none" | "link" | "last";

/** @param pageLimit the server's own bound: pages may be shorter than `n`, and more follows all the same */
export function catalogueReply(
  request: RegistryRequest,
  repositories: readonly string[],
  pageLimit: number,
): Reply {
  const asked = request.query.get("n");
  const n = asked === null ? DEFAULT_PAGE : Number(asked);
  if (!Number.isInteger(n) || n < 0 || n > MAX_CATALOGUE_PAGE) {
    const message = "invalid number of results requested";
    return errorReply(400, "PAGINATION_NUMBER_INVALID", message, { n });
  }
  const page = pageOf(repositories, request.query.get("last"), Math.min(n, pageLimit));
  return jsonReply(
    200,
    { repositories: page.names },
    page.next === null ? {} : linkTo(request, page.next, n),
  );
}

export function tagsReply(
  request: RegistryRequest,
  repository: string,
  tags: readonly string[] | null,
  paging: TagsPaging,
  pageLimit: number,
): Reply {
  if (tags === null) {
    return errorReply(404, "NAME_UNKNOWN", "repository name not known to registry", { name: repository });
  }
  // 2.8 says null where there are none
  if (tags.length === 0) return jsonReply(200, { name: repository, tags: paging === "none" ? null : [] });
  if (paging === "none") return jsonReply(200, { name: repository, tags });
  const asked = Number(request.query.get("n") ?? DEFAULT_PAGE);
  const n = Number.isInteger(asked) && asked > 0 ? asked : DEFAULT_PAGE;
  const page = pageOf([...tags].sort(), request.query.get("last"), Math.min(n, pageLimit));
  const headers = paging === "link" && page.next !== null ? linkTo(request, page.next, n) : {};
  return jsonReply(200, { name: repository, tags: page.names }, headers);
}

function pageOf(
  sorted: readonly string[],
  last: string | null,
  n: number,
): { readonly names: readonly string[]; readonly next: string | null } {
  const rest = last === null ? sorted : sorted.filter((name) => name > last);
  const names = rest.slice(0, n);
  return { names, next: names.length < rest.length ? (names.at(-1) ?? null) : null };
}

/** A relative target, as 2.8 sends it. */
export function linkTo(request: RegistryRequest, last: string, n: number): { link: string } {
  const path = request.url.replace(/\?.*$/, "");
  return { link: `<${path}?last=${encodeURIComponent(last)}&n=${n}>; rel="next"` };
}
