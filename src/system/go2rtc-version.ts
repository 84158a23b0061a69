import type { Pool } from 'undici'
import { parseJson } from '../json/parse.ts'

/** `version` of go2rtc's `/api`. */
export async function askGo2rtcVersion(pool: Pool): Promise<string> {
  const { statusCode, body } = await pool.request({
    method: 'GET',
    path: '/api',
    signal: AbortSignal.timeout(5000),
  })
  if (statusCode !== 200) {
    await body.dump({ limit: 64 * 1024 })
    throw new Error(`status ${statusCode}`)
  }
  let text = ''
  for await (const chunk of body) {
    text += chunk
    if (text.length > 64 * 1024) throw new Error('too long')
  }
  const { version } = parseJson(text) as { version?: unknown }
  return typeof version === 'string' ? version : 'unknown'
}
