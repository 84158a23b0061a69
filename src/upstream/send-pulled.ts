import type { Writable } from 'node:stream'
import type { PulledBody } from './media.ts'

const BUFFER_BYTES = 64 * 1024

/**
 * Sends a body through one buffer, which is filled again when the system has taken it: a client costs these bytes and
 * no more, and leaves nothing to collect. A body that breaks off breaks the reply off. Never rejects.
 */
export async function sendPulled(body: PulledBody, out: Writable): Promise<void> {
  const buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES)
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
    for (let bytes = await body.read(buffer); bytes > 0; bytes = await body.read(buffer)) {
      if (out.destroyed) return
      await write(buffer.subarray(0, bytes))
    }
    if (!out.destroyed) out.end()
  } catch {
    out.destroy()
  } finally {
    out.off('close', onClose)
    body.close()
  }
}
