import type { Lookup, Place } from './geoip.ts'

const ORIGIN = new URL('http://ip-api.com')
const FIELDS = 'status,country,regionName,city,lat,lon,isp'
const MAX_REPLY_BYTES = 8192

/** Asks ip-api.com, whose free service needs no key and is plain HTTP: that is why it is off by default. */
export function ipapi(origin: URL = ORIGIN): Lookup {
  return async (address, signal) => {
    const url = new URL(`/json/${encodeURIComponent(address)}?fields=${FIELDS}`, origin)
    const reply = await fetch(url, { signal, redirect: 'error' })
    const length = Number(reply.headers.get('content-length') ?? Number.POSITIVE_INFINITY)
    if (reply.ok && length <= MAX_REPLY_BYTES) return toPlace(await reply.json())
    await reply.body?.cancel()
    return undefined
  }
}

/** A provider's answer is untrusted input: only short texts and numbers pass. */
function toPlace(answer: unknown): Place | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined
  const fields = answer as Record<string, unknown>
  if (fields.status !== 'success') return undefined
  const text = (name: string) => (typeof fields[name] === 'string' ? fields[name].slice(0, 100) : '')
  const number = (name: string) => (typeof fields[name] === 'number' ? fields[name] : null)
  return {
    country: text('country'),
    region: text('regionName'),
    city: text('city'),
    lat: number('lat'),
    lon: number('lon'),
    isp: text('isp'),
  }
}
