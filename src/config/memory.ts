import { badSetting, type Settings } from './setting.ts'

export type MemoryConfig = ReturnType<typeof readMemoryConfig>

const MIB = 1024 * 1024
const MOST_MB = 1024 * 1024
/** What the server needs before anybody watches. */
const LEAST_MB = 64

/** In bytes and milliseconds; 0 where it follows from the limit. */
export function readMemoryConfig(settings: Settings) {
  const bytes = (name: string, fallback: number) => settings.integer(name, fallback, 0, MOST_MB) * MIB
  return {
    limitBytes: limit(bytes('MEMORY_LIMIT_MB', 0)),
    trimBytes: bytes('MEMORY_TRIM_MB', 0),
    shedBytes: bytes('MEMORY_SHED_MB', 0),
    restartBytes: bytes('MEMORY_RESTART_MB', 0),
    trimSwapBytes: bytes('SWAP_TRIM_MB', 30),
    restartSwapBytes: bytes('SWAP_RESTART_MB', 100),
    sampleMs: settings.integer('MEMORY_SAMPLE_SECONDS', 15, 1, 3600) * 1000,
    /** Whoever runs the process starts it again when it ends. */
    supervised: settings.flag('SUPERVISED', false),
  }
}

function limit(bytes: number): number {
  if (bytes > 0 && bytes < LEAST_MB * MIB)
    throw badSetting(
      'MEMORY_LIMIT_MB',
      String(bytes / MIB),
      `at least ${LEAST_MB}, or 0 for the limit of the container`,
    )
  return bytes
}
