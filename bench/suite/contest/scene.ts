import { TRANSPORT_NAMES, type Transport } from './transports.ts'

/** Who watches what. */
export interface Scene {
  readonly transport: Transport
  readonly cameras: number
  /** Of each camera. */
  readonly viewers: number
}

export function total({ cameras, viewers }: Scene): number {
  return cameras * viewers
}

/** How a scene is called in the tables. */
export function taskOf({ transport, cameras, viewers }: Scene): string {
  const each = `${viewers} viewer${viewers === 1 ? '' : 's'}`
  return `${TRANSPORT_NAMES[transport]}, ${cameras === 1 ? each : `${cameras} cameras × ${each}`}`
}

/** A crowd of one camera. */
export function isCrowd({ cameras, viewers }: Scene): boolean {
  return cameras === 1 && viewers >= 100
}
