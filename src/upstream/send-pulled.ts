import type { Writable } from 'node:stream'
import type { PulledBody } from './media.ts'

/**
 * Sends a body through one page, which is filled again when the system has taken it: a client costs these bytes and
 * no more, and leaves nothing to collect. A body that breaks off breaks the reply off. Never rejects.
 */
export async function sendPulled(body: PulledBody, out: Writable, page: Buffer): Promise<void> {
  let stopWaiting = () => {}
  const onClose = () => {
    body.close()
    stopWaiting()
  }
  /** Resolves when the system has the bytes, or will never. */
  const write = (bytes: Buffer) =>
    new Promise<void>(resolve => {
      stopWaiting = resolve
      out.write(bytes, () => resolve())
    })
  out.once('close', onClose)
  try {
    for (let bytes = await body.read(page); bytes > 0; bytes = await body.read(page)) {
      if (out.destroyed) return
      await write(page.subarray(0, bytes))
    }
    if (!out.destroyed) out.end()
  } catch {
    out.destroy()
  } finally {
    out.off('close', onClose)
    body.close()
  }
}
