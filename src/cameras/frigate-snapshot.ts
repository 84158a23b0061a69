import type { Frigate } from '../frigate/frigate.ts'
import type { Snapshot, SnapshotSize } from './snapshots.ts'

const MAX_BYTES = 4 * 1024 * 1024
const TIMEOUT_MS = 5000

/**
 * Frigate's latest picture of a camera. For a camera that gives no frames Frigate answers 200 with its error
 * picture and nothing that says so: it is recognised by the camera's frame rate in Frigate's statistics.
 */
export async function frigateSnapshot(
  frigate: Frigate,
  camera: string,
  { height, quality }: SnapshotSize,
): Promise<Snapshot> {
  const { heightParameter } = await frigate.dialect()
  const [{ bytes }, rates] = await Promise.all([
    frigate.client.bytes(`/api/${encodeURIComponent(camera)}/latest.jpg`, MAX_BYTES, {
      purpose: 'pictures',
      type: 'image/jpeg',
      query: { [heightParameter]: height, quality },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      timeoutMs: TIMEOUT_MS,
    }),
    frigate.cameraRates().catch(() => new Map<string, number>()),
  ])
  return { jpeg: bytes, stale: rates.get(camera) === 0 }
}
