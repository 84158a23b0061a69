/** What a name in a playlist stands for. */
export type MediaName =
  | { readonly kind: 'map'; readonly number: number }
  | { readonly kind: 'segment'; readonly number: number }
  | { readonly kind: 'part'; readonly number: number; readonly part: number }

export function segmentName(number: number): string {
  return `${number}.m4s`
}

export function partName(number: number, part: number): string {
  return `${number}.${part}.m4s`
}

export function mapName(number: number): string {
  return `init-${number}.mp4`
}

/** Undefined for what no playlist names. */
export function parseMediaName(name: string): MediaName | undefined {
  const map = /^init-(\d{1,9})\.mp4$/.exec(name)
  if (map) return { kind: 'map', number: Number(map[1]) }
  const media = /^(\d{1,15})(?:\.(\d{1,6}))?\.m4s$/.exec(name)
  if (!media) return undefined
  const number = Number(media[1])
  return media[2] === undefined
    ? { kind: 'segment', number }
    : { kind: 'part', number, part: Number(media[2]) }
}
