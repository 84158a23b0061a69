import type { Test } from 'tap'

/** Reads an endless reply until it holds enough, then goes away. */
export async function readUntil(
  t: Test,
  url: string,
  enough: (bytes: Buffer) => boolean,
  init: RequestInit = {},
): Promise<{ reply: Response; bytes: Buffer }> {
  const abort = new AbortController()
  t.teardown(() => abort.abort())
  const reply = await fetch(url, { ...init, signal: abort.signal })
  let bytes = Buffer.alloc(0)
  for await (const chunk of reply.body ?? []) {
    bytes = Buffer.concat([bytes, chunk])
    if (enough(bytes)) break
  }
  abort.abort()
  return { reply, bytes }
}
