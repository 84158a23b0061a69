const TOKEN = 'of-the-test'

/** For a server whose figures are asked for. */
export const WITH_METRICS = { METRICS_TOKEN: TOKEN }

/** What the server tells whoever collects its figures, on a connection of its own. */
export async function metric(origin: string, name: string): Promise<number> {
  const headers = { authorization: `Bearer ${TOKEN}`, connection: 'close' }
  const reply = await fetch(`${origin}/metrics`, { headers })
  const text = await reply.text()
  const value = text.split('\n').find(line => line.startsWith(`${name} `))
  if (value === undefined) throw new Error(`no ${name}: ${reply.status} ${text.slice(0, 200)}`)
  return Number(value.slice(name.length + 1))
}
