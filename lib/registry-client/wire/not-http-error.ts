/** What came over a connection breaks the grammar or the bounds of HTTP/1.1: nothing of it is to be believed. */
export class NotHttpError extends Error {
  override readonly name = "NotHttpError";
}
