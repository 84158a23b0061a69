import type { Test } from 'tap'

/** What the server sends on a stream of events, without heartbeats. */
export async function readEvents(t: Test, url: string, headers: Record<string, string> = {}) {
  const gone = new AbortController()
  t.teardown(() => gone.abort())
  const reply = await fetch(url, { headers, signal: gone.signal })
  let text = ''
  let ended = false
  const reading = async () => {
    const decoder = new TextDecoder()
    for await (const chunk of reply.body ?? []) text += decoder.decode(chunk, { stream: true })
  }
  void reading()
    .catch(() => {})
    .finally(() => {
      ended = true
    })
  return {
    text: () => text.replaceAll(':\n\n', ''),
    ids: () => [...text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id!),
    ended: () => ended,
  }
}
