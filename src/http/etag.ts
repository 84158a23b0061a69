/** Whether a client that sends this `If-None-Match` has what the tag stands for; compared weakly (RFC 9110, 13.1.2). */
export function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  return header.split(',').some(one => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag)
}
