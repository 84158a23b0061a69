import { createRequire } from 'node:module'

/**
 * Has the system say that a connection can be read only when so many bytes wait, or its end: its low-water mark, SO_RCVLOWAT
 * (socket(7)), 1 at first. What waits is told of at once when the mark is lowered. False where the system does not do that.
 */
export type SetLowWater = (fd: number, bytes: number) => boolean

/** Beside the bundle (`build/addon.ts`). The sources, and builds on a machine without a C compiler, do without. */
const PATH = './low-water.node'

/** Undefined where there is no addon. */
export function loadLowWater(path = PATH): SetLowWater | undefined {
  try {
    return (createRequire(import.meta.filename)(path) as { set: SetLowWater }).set
  } catch {
    return undefined
  }
}
