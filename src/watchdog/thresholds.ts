import { badSetting } from '../config/setting.ts'

const MIB = 1024 * 1024

/** Where nothing limits the process: far above what it needs, so that only a fault gets there. */
const WITHOUT_LIMIT = 512 * MIB

/** Of a limit of 128 MB these are 94, 104 and 118 MB. */
const SHARES = { trim: 94 / 128, shed: 104 / 128, restart: 118 / 128 }

/** Memory that cannot be reclaimed, and swap, in bytes, from which on a stage is entered. */
export interface Thresholds {
  readonly trim: number
  readonly shed: number
  readonly restart: number
  readonly trimSwap: number
  readonly restartSwap: number
}

/** What was set, in bytes; 0 where it follows from the limit. */
export interface ThresholdSettings {
  readonly limitBytes: number
  readonly trimBytes: number
  readonly shedBytes: number
  readonly restartBytes: number
  readonly trimSwapBytes: number
  readonly restartSwapBytes: number
}

/** `containerLimit` in bytes, if there is one. Throws `BAD_SETTING` where a later stage would come before an earlier one. */
export function thresholdsOf(settings: ThresholdSettings, containerLimit: number | undefined): Thresholds {
  const limit = settings.limitBytes || containerLimit || WITHOUT_LIMIT
  const thresholds = {
    trim: settings.trimBytes || limit * SHARES.trim,
    shed: settings.shedBytes || limit * SHARES.shed,
    restart: settings.restartBytes || limit * SHARES.restart,
    trimSwap: settings.trimSwapBytes,
    restartSwap: settings.restartSwapBytes,
  }
  const { trim, shed, restart } = thresholds
  if (trim >= shed) throw above('MEMORY_TRIM_MB', trim, 'MEMORY_SHED_MB', shed)
  if (shed >= restart) throw above('MEMORY_SHED_MB', shed, 'MEMORY_RESTART_MB', restart)
  if (thresholds.trimSwap >= thresholds.restartSwap)
    throw above('SWAP_TRIM_MB', thresholds.trimSwap, 'SWAP_RESTART_MB', thresholds.restartSwap)
  return thresholds
}

function above(name: string, value: number, next: string, limit: number) {
  return badSetting(
    name,
    String(Math.round(value / MIB)),
    `less than ${next}, which is ${Math.round(limit / MIB)}`,
  )
}
