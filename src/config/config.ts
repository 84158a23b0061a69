import { readAccountsConfig } from './accounts.ts'
import { readClipsConfig } from './clips.ts'
import { readHlsConfig } from './hls.ts'
import { readLiveConfig } from './live.ts'
import { readMemoryConfig } from './memory.ts'
import { readServerConfig } from './server.ts'
import { type Environment, Settings } from './setting.ts'
import { readUpstreamsConfig } from './upstreams.ts'
import { warningsOf } from './warnings.ts'

export type Config = ReturnType<typeof readConfig>

/** Reads every setting once, at start. Throws one `BAD_SETTING` that names the variable, its value and what is allowed. */
export function readConfig(env: Environment) {
  const settings = new Settings(env)
  const accounts = readAccountsConfig(settings)
  const config = {
    server: readServerConfig(settings),
    accounts,
    upstreams: readUpstreamsConfig(settings),
    live: readLiveConfig(settings),
    memory: readMemoryConfig(settings),
    clips: readClipsConfig(settings, accounts.databasePath),
    hls: readHlsConfig(settings),
  }
  /** For the log: settings that can be used, and are hardly what was meant. */
  return { ...config, warnings: warningsOf(settings, env) }
}
