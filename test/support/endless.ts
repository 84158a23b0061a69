/** Reads a reply to its end, or until it has gone on for long: an endless one is broken off. */
export async function readSome(reply: Response, ms = 700, bytes = 512 * 1024): Promise<Buffer> {
  const reader = reply.body?.getReader()
  if (!reader) return Buffer.alloc(0)
  const chunks: Uint8Array[] = []
  let size = 0
  const late = setTimeout(() => reader.cancel().catch(() => {}), ms)
  try {
    while (size < bytes) {
      const { done, value } = await reader.read()
      if (done) break
      chunks.push(value)
      size += value.byteLength
    }
  } catch {
    // Broken off by the other side: what came is what counts.
  } finally {
    clearTimeout(late)
    await reader.cancel().catch(() => {})
  }
  return Buffer.concat(chunks)
}
