import type { Thresholds } from './thresholds.ts'

/** In order of severity. */
export const STAGES = ['normal', 'trim', 'shed', 'restart'] as const
export type Stage = (typeof STAGES)[number]

/** In bytes. Stages follow from what the kernel cannot reclaim and from swap; resident memory is told beside them. */
export interface Load {
  readonly unreclaimable: number
  readonly rss: number
  readonly swap: number
}

/** A stage is left only when the load is so far below where it was entered, so that it does not flap. */
const LEAVE_BELOW = 0.95

/** The stage that a load calls for, when the process is in `current`. */
export function nextStage(load: Load, current: Stage, thresholds: Thresholds): Stage {
  const entered = stageAt(load, thresholds, 1)
  if (severity(entered) >= severity(current)) return entered
  const left = stageAt(load, thresholds, LEAVE_BELOW)
  return severity(left) < severity(current) ? left : current
}

export function severity(stage: Stage): number {
  return STAGES.indexOf(stage)
}

function stageAt({ unreclaimable, swap }: Load, thresholds: Thresholds, share: number): Stage {
  if (unreclaimable >= thresholds.restart * share || swap > thresholds.restartSwap * share) return 'restart'
  if (unreclaimable >= thresholds.shed * share) return 'shed'
  if (unreclaimable >= thresholds.trim * share || swap > thresholds.trimSwap * share) return 'trim'
  return 'normal'
}
