import type { Thresholds } from './thresholds.ts'

/** In order of severity. */
export const STAGES = ['normal', 'trim', 'shed', 'restart'] as const
export type Stage = (typeof STAGES)[number]

/** In bytes. */
export interface Load {
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

function stageAt({ rss, swap }: Load, thresholds: Thresholds, share: number): Stage {
  if (rss >= thresholds.restart * share || swap > thresholds.restartSwap * share) return 'restart'
  if (rss >= thresholds.shed * share) return 'shed'
  if (rss >= thresholds.trim * share || swap > thresholds.trimSwap * share) return 'trim'
  return 'normal'
}
